/** Other people's names where a person reads them: nothing in them moves the cursor, hides text or turns it round. */

/** Characters that can't be seen, that end a line, or that turn the reading direction. */
export const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name on one line: what can't be seen in it is shown by number, as `\u{1b}`. */
export function visible(name: string): string {
    return name.toWellFormed().replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A message of several lines, each {@link visible}. */
export function visibleLines(message: string): string {
    return message.split(/\r?\n/).map(visible).join("\n");
}

/** JSON of the same value in which everything can be seen. */
export function visibleJson(value: unknown): string {
    const escaped = (character: string): string =>
        Array.from(
            { length: character.length },
            (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
        ).join("");
    return JSON.stringify(value, undefined, 2).replace(hidden, (character) =>
        character === "\n" ? character : escaped(character),
    );
}
