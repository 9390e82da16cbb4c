/** Makes Pulumi's schema of a component from its TypeScript types, so that other languages have the same arguments. */
import { join } from "node:path";
import ts from "typescript";

export interface PropertySchema {
    type?: string;
    $ref?: string;
    items?: PropertySchema;
    additionalProperties?: PropertySchema;
    plain?: boolean;
    description?: string;
}

export interface ObjectSchema {
    type: "object";
    description?: string;
    properties: Record<string, PropertySchema>;
    required: string[];
}

export interface ComponentSchema {
    description: string;
    isComponent: true;
    inputProperties: Record<string, PropertySchema>;
    requiredInputs: string[];
    properties: Record<string, PropertySchema>;
    required: string[];
}

const pack = "entra-postgres";

/** Reads an interface of arguments and one of results from a source file. */
export function generate(
    root: string,
    component: string,
    outputs: string[],
): { resource: ComponentSchema; types: Record<string, ObjectSchema> } {
    const file = join(root, "index.ts");
    const program = ts.createProgram([file], {
        strict: true,
        module: ts.ModuleKind.Node16,
        moduleResolution: ts.ModuleResolutionKind.Node16,
        target: ts.ScriptTarget.ES2022,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        types: [],
        esModuleInterop: true,
        resolveJsonModule: true,
    });
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error("index.ts can't be read");
    const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
    const named: Record<string, ObjectSchema> = {};

    const args = objectOf([declared(`${component}Args`)], `${component}Args`);
    const results = checker.getPropertiesOfType(declared(component));
    const properties: Record<string, PropertySchema> = {};
    for (const name of outputs) {
        const symbol = results.find((each) => each.name === name);
        if (!symbol) throw new Error(`${component} has no ${name}`);
        const property = propertyOf([symbol], capitalized(name), false);
        if (property) properties[name] = property;
    }
    return {
        resource: {
            description: documentation(exported.get(component)),
            isComponent: true,
            inputProperties: args.properties,
            requiredInputs: args.required,
            properties,
            required: outputs,
        },
        types: named,
    };

    function declared(name: string): ts.Type {
        const symbol = exported.get(name);
        if (!symbol) throw new Error(`index.ts exports no ${name}`);
        return checker.getDeclaredTypeOfSymbol(
            symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
        );
    }

    /** The properties of all members of a union together: required is what each of them requires. */
    function objectOf(members: ts.Type[], path: string): ObjectSchema {
        const names = new Set(members.flatMap((member) => checker.getPropertiesOfType(member).map(({ name }) => name)));
        const schema: ObjectSchema = { type: "object", properties: {}, required: [] };
        for (const name of [...names].sort()) {
            const symbols = members.flatMap((member) => checker.getPropertyOfType(member, name) ?? []);
            const property = propertyOf(symbols, path + capitalized(name), true);
            if (property === undefined) continue;
            schema.properties[name] = property;
            const isRequired = symbols.every(({ flags }) => !(flags & ts.SymbolFlags.Optional));
            if (isRequired && symbols.length === members.length) schema.required.push(name);
        }
        return schema;
    }

    /** One property as all members of a union have it; undefined where other languages can't have it. */
    function propertyOf(symbols: ts.Symbol[], path: string, isInput: boolean): PropertySchema | undefined {
        const types = symbols.map((symbol) => checker.getTypeOfSymbol(symbol));
        const schema = schemaOf(types, path, isInput);
        if (schema === undefined) return undefined;
        const texts = [...new Set(symbols.map(documentation)), schema.description ?? ""];
        const text = texts.filter((each) => each !== "").join(" ");
        return { ...schema, ...(text !== "" && { description: text }) };
    }

    function schemaOf(types: ts.Type[], path: string, isInput: boolean): PropertySchema | undefined {
        const all = types
            .flatMap((type) => (type.isUnion() ? type.types : [type]))
            .filter((each) => !(each.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never)));
        const [first] = all;
        // A property that no member may have stands there to be forbidden.
        if (first === undefined) return undefined;
        if (!isInput && nameOf(first)?.startsWith("Output") === true) return schemaOf([argumentOf(first)], path, false);
        const members = all.filter((each) => !["Promise", "OutputInstance"].includes(nameOf(each) ?? ""));
        // Only what may be an output may be given as one in other languages.
        const plain = isInput && members.length === all.length ? { plain: true } : {};
        const are = (flags: ts.TypeFlags) => members.every((each) => each.flags & flags);
        if (are(ts.TypeFlags.StringLike)) {
            const literals = [...new Set(members.flatMap((each) => (each.isStringLiteral() ? [each.value] : [])))];
            const description = `One of: ${literals.join(", ")}.`;
            return { type: "string", ...plain, ...(literals.length > 0 && { description }) };
        }
        if (are(ts.TypeFlags.NumberLike)) return { type: "integer", ...plain };
        if (are(ts.TypeFlags.BooleanLike)) return { type: "boolean", ...plain };
        if (members.every((each) => checker.isArrayType(each))) {
            const item = schemaOf(members.map(argumentOf), `${path}Item`, isInput);
            return item && { type: "array", items: withoutText(item), ...plain };
        }
        const values = members.flatMap((each) => checker.getIndexTypeOfType(each, ts.IndexKind.String) ?? []);
        if (values.length === members.length) {
            const value = schemaOf(values, `${path}Value`, isInput);
            return value && { type: "object", additionalProperties: withoutText(value), ...plain };
        }
        if (!are(ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
            throw new Error(
                `${path}: ${types.map((each) => checker.typeToString(each)).join(" or ")} has no counterpart`,
            );
        }
        // Resources of the program itself stay in its own language.
        if (members.some((each) => checker.getPropertyOfType(each, "urn"))) return undefined;
        const [alone] = members;
        const together = types.length === 1 ? types[0]?.aliasSymbol?.name : undefined;
        const own = together ?? (alone && members.length === 1 ? nameOf(alone) : undefined);
        const name = own === undefined || own.startsWith("__") || own.startsWith("Input") ? path : own;
        const token = `${pack}:index:${name}`;
        if (!(token in named)) {
            named[token] = { type: "object", properties: {}, required: [] };
            named[token] = objectOf(members, name);
        }
        return { $ref: `#/types/${token}`, ...plain };
    }

    function nameOf(type: ts.Type): string | undefined {
        const symbol = type.aliasSymbol ?? type.getSymbol();
        return symbol?.name;
    }

    function argumentOf(type: ts.Type): ts.Type {
        const [argument] = type.aliasTypeArguments ?? checker.getTypeArguments(type as ts.TypeReference);
        if (!argument) throw new Error(`${checker.typeToString(type)} says nothing of what is in it`);
        return argument;
    }

    function documentation(symbol: ts.Symbol | undefined): string {
        if (!symbol) return "";
        const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        const text = ts.displayPartsToString(real.getDocumentationComment(checker)).replace(/\s+/g, " ").trim();
        const fallback = real.getJsDocTags(checker).find(({ name }) => name === "default");
        const value = ts.displayPartsToString(fallback?.text).replace(/\s+/g, " ").replace(/^- /, "").trim();
        return [text, value === "" ? "" : `Default: ${value}.`].filter((part) => part !== "").join(" ");
    }
}

function withoutText({ description: _, ...schema }: PropertySchema): PropertySchema {
    return schema;
}

function capitalized(name: string): string {
    return name.charAt(0).toUpperCase() + name.slice(1);
}
