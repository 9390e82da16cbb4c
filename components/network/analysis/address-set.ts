import * as ipaddr from "ipaddr.js";

/** A run of addresses on one number line: IPv4 first, IPv6 after it. */
export interface AddressRange {
    readonly first: bigint;
    readonly last: bigint;
}

/** A block of addresses with the length of its prefix, which decides between routes. */
export interface Prefix extends AddressRange {
    readonly length: number;
}

const ipv6Start = 1n << 32n;
const end = ipv6Start + (1n << 128n) - 1n;

/** Reads `10.0.0.0/8`, `10.0.0.1` or their IPv6 forms; undefined when the text is none of them. */
export function parsePrefix(text: string): Prefix | undefined {
    const [address = "", bits, ...rest] = text.trim().split("/");
    if (rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
    const isIpv4 = ipaddr.IPv4.isValidFourPartDecimal(address);
    if (!isIpv4 && !ipaddr.IPv6.isValid(address)) return undefined;

    const width = isIpv4 ? 32 : 128;
    const length = bits === undefined ? width : Number(bits);
    if (length > width) return undefined;
    const value = ipaddr
        .parse(address)
        .toByteArray()
        .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const size = 1n << BigInt(width - length);
    const first = (isIpv4 ? 0n : ipv6Start) + (value / size) * size;
    return { first, last: first + size - 1n, length };
}

/** A set of addresses, kept as ordered runs that don't touch. */
export class AddressSet {
    static readonly empty = new AddressSet([]);
    /** Every address, which Azure writes `*`. */
    static readonly everything = new AddressSet([{ first: 0n, last: end }]);

    private constructor(readonly ranges: readonly AddressRange[]) {}

    static of(...ranges: AddressRange[]): AddressSet {
        const merged: AddressRange[] = [];
        for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
            const previous = merged.at(-1);
            if (previous && range.first <= previous.last + 1n) {
                merged[merged.length - 1] = {
                    first: previous.first,
                    last: range.last > previous.last ? range.last : previous.last,
                };
            } else {
                merged.push({ first: range.first, last: range.last });
            }
        }
        return new AddressSet(merged);
    }

    /** The addresses of the prefixes; text that isn't a prefix adds nothing. */
    static fromPrefixes(prefixes: readonly string[]): AddressSet {
        return AddressSet.of(...prefixes.flatMap((prefix) => parsePrefix(prefix) ?? []));
    }

    get isEmpty(): boolean {
        return this.ranges.length === 0;
    }

    union(other: AddressSet): AddressSet {
        return AddressSet.of(...this.ranges, ...other.ranges);
    }

    intersect(other: AddressSet): AddressSet {
        return AddressSet.of(
            ...this.ranges.flatMap((a) =>
                other.ranges.flatMap((b) => {
                    const first = a.first > b.first ? a.first : b.first;
                    const last = a.last < b.last ? a.last : b.last;
                    return first <= last ? [{ first, last }] : [];
                }),
            ),
        );
    }

    subtract(other: AddressSet): AddressSet {
        return this.intersect(other.complement());
    }

    contains(other: AddressSet): boolean {
        return other.subtract(this).isEmpty;
    }

    /** The set as prefixes, the largest that fit. */
    toPrefixes(): string[] {
        return this.ranges.flatMap(prefixesOf);
    }

    private complement(): AddressSet {
        const gaps: AddressRange[] = [];
        let next = 0n;
        for (const { first, last } of this.ranges) {
            if (first > next) gaps.push({ first: next, last: first - 1n });
            next = last + 1n;
        }
        if (next <= end) gaps.push({ first: next, last: end });
        return new AddressSet(gaps);
    }
}

function prefixesOf(range: AddressRange): string[] {
    const prefixes: string[] = [];
    let { first } = range;
    while (first <= range.last) {
        const isIpv4 = first < ipv6Start;
        const width = isIpv4 ? 32 : 128;
        const base = isIpv4 ? 0n : ipv6Start;
        const stop = isIpv4 && range.last >= ipv6Start ? ipv6Start - 1n : range.last;
        let length = width;
        while (length > 0) {
            const size = 1n << BigInt(width - length + 1);
            if ((first - base) % size !== 0n || first + size - 1n > stop) break;
            length -= 1;
        }
        const bytes: number[] = [];
        for (let bits = width - 8; bits >= 0; bits -= 8) bytes.push(Number(((first - base) >> BigInt(bits)) & 0xffn));
        prefixes.push(`${ipaddr.fromByteArray(bytes).toString()}/${String(length)}`);
        first += 1n << BigInt(width - length);
    }
    return prefixes;
}
