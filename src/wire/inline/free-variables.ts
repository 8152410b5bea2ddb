// Free variables by scope analysis of the syntax tree: names of each scope are collected when it is entered, `var`s and functions
// hoisted, and every other identifier is looked up outwards. What no scope has is free. Bindings are looked up like uses; they
// find themselves.
import type { AnyNode, Function as FunctionNode, Pattern, PrivateIdentifier } from "acorn";

/** Where something stands, in lines of the function, from 1. */
export interface FreeVariable {
  readonly name: string;
  readonly line: number;
  /** Only asked for with `typeof`, at least once. */
  readonly probed: boolean;
}

/** What ties a function to the place where it was written. */
export interface Ties {
  readonly free: readonly FreeVariable[];
  /** `this`, `super`, `import.meta` or a private name that belongs to something outside; the first of each. */
  readonly outer: readonly { readonly what: string; readonly line: number }[];
}

/** The ties of a function expression that was parsed with locations. */
export function tiesOf(fn: FunctionNode, sloppy: boolean): Ties {
  const walk = new Walk(sloppy);
  walk.function(fn, new Scope(undefined, []), { owned: false, privates: new Set(), root: true });
  return { free: [...walk.free.values()], outer: [...walk.outer].map(([what, line]) => ({ what, line })) };
}

class Scope {
  readonly #names: Set<string>;
  readonly #outer: Scope | undefined;

  constructor(outer: Scope | undefined, names: Iterable<string>) {
    this.#outer = outer;
    this.#names = new Set(names);
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#outer?.has(name) ?? false);
  }
}

/** Whose `this` and whose private names code sees. */
interface Owner {
  /** `this` and `super` belong to something inside the function. */
  readonly owned: boolean;
  readonly privates: ReadonlySet<string>;
  readonly root?: boolean;
}

class Walk {
  readonly free = new Map<string, { name: string; line: number; probed: boolean }>();
  readonly outer = new Map<string, number>();
  readonly #sloppy: boolean;

  constructor(sloppy: boolean) {
    this.#sloppy = sloppy;
  }

  #use(name: string, node: AnyNode, scope: Scope, probed: boolean): void {
    if (scope.has(name)) return;
    const known = this.free.get(name);
    if (known) known.probed ||= probed;
    else this.free.set(name, { name, line: lineOf(node), probed });
  }

  #tie(what: string, node: AnyNode): void {
    if (!this.outer.has(what)) this.outer.set(what, lineOf(node));
  }

  function(fn: FunctionNode, outer: Scope, owner: Owner): void {
    const arrow = fn.type === "ArrowFunctionExpression";
    const named = fn.type === "FunctionExpression" && fn.id ? new Scope(outer, [fn.id.name]) : outer;
    // The parameters do not see what the body declares.
    const params = new Scope(named, [...(arrow ? [] : ["arguments"]), ...fn.params.flatMap(namesOf)]);
    const within = arrow || owner.root ? { owned: owner.owned, privates: owner.privates } : { ...owner, owned: true };
    for (const param of fn.params) this.visit(param, params, within);
    if (fn.body.type !== "BlockStatement") this.visit(fn.body, params, within);
    else this.#statements(fn.body.body, this.#body(fn.body.body, params), within);
  }

  #body(list: readonly AnyNode[], outer: Scope): Scope {
    return new Scope(outer, [...hoisted(list, this.#sloppy), ...lexical(list)]);
  }

  #statements(list: readonly AnyNode[], scope: Scope, owner: Owner): void {
    for (const node of list) this.visit(node, scope, owner);
  }

  visit(node: AnyNode, scope: Scope, owner: Owner): void {
    switch (node.type) {
      case "Identifier":
        this.#use(node.name, node, scope, false);
        return;
      case "ThisExpression":
      case "Super":
        if (!owner.owned) this.#tie(node.type === "Super" ? "super" : "this", node);
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.#tie("import.meta", node);
        return;
      case "PrivateIdentifier":
        this.#private(node, owner);
        return;
      case "UnaryExpression":
        if (node.operator !== "typeof" || node.argument.type !== "Identifier") break;
        this.#use(node.argument.name, node.argument, scope, true);
        return;
      case "MemberExpression":
        this.visit(node.object, scope, owner);
        if (node.computed || node.property.type === "PrivateIdentifier") this.visit(node.property, scope, owner);
        return;
      case "Property":
        if (node.computed) this.visit(node.key, scope, owner);
        this.visit(node.value, scope, owner);
        return;
      case "LabeledStatement":
        this.visit(node.body, scope, owner);
        return;
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.function(node, scope, owner);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        this.#class(node, scope, owner);
        return;
      case "BlockStatement":
        this.#statements(node.body, new Scope(scope, lexical(node.body)), owner);
        return;
      case "CatchClause":
        this.#children(node, new Scope(scope, node.param ? namesOf(node.param) : []), owner);
        return;
      case "ForStatement":
        this.#children(node, new Scope(scope, node.init ? lexical([node.init]) : []), owner);
        return;
      case "ForInStatement":
      case "ForOfStatement":
        this.#children(node, new Scope(scope, lexical([node.left])), owner);
        return;
      case "SwitchStatement":
        this.visit(node.discriminant, scope, owner);
        this.#statements(node.cases, new Scope(scope, lexical(node.cases.flatMap((each) => each.consequent))), owner);
        return;
      default:
    }
    this.#children(node, scope, owner);
  }

  #class(node: Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>, outer: Scope, owner: Owner): void {
    const scope = new Scope(outer, node.id ? [node.id.name] : []);
    const declared = node.body.body.flatMap((member) =>
      "key" in member && member.key.type === "PrivateIdentifier" ? [member.key.name] : [],
    );
    const privates = new Set([...owner.privates, ...declared]);
    if (node.superClass) this.visit(node.superClass, scope, owner);
    const inside: Owner = { owned: true, privates };
    for (const member of node.body.body) {
      if (member.type === "StaticBlock") {
        this.#statements(member.body, this.#body(member.body, scope), inside);
        continue;
      }
      if (member.computed) this.visit(member.key, scope, { ...owner, privates });
      if (member.value) this.visit(member.value, scope, inside);
    }
  }

  #private(node: PrivateIdentifier, { privates }: Owner): void {
    if (!privates.has(node.name)) this.#tie(`#${node.name}`, node);
  }

  #children(node: AnyNode, scope: Scope, owner: Owner): void {
    for (const child of childrenOf(node)) this.visit(child, scope, owner);
  }
}

function lineOf(node: AnyNode): number {
  return node.loc?.start.line ?? 1;
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "type") === "string";
}

/** The names that a pattern binds. */
function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((each) => namesOf(each.type === "RestElement" ? each : each.value));
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => (each ? namesOf(each) : []));
    case "RestElement":
      return namesOf(pattern.argument);
    case "AssignmentPattern":
      return namesOf(pattern.left);
    default:
      return [];
  }
}

/** What a list of statements declares for its own block. */
function lexical(list: readonly AnyNode[]): string[] {
  return list.flatMap((node) => {
    if (node.type === "VariableDeclaration") return node.kind === "var" ? [] : node.declarations.flatMap(({ id }) => namesOf(id));
    if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") return node.id ? [node.id.name] : [];
    return node.type === "LabeledStatement" ? lexical([node.body]) : [];
  });
}

/** The `var`s of a function, wherever they stand in it; functions in blocks too, which sloppy code sees outside their block. */
function hoisted(list: readonly AnyNode[], sloppy: boolean): string[] {
  return list.flatMap((node) => {
    if (node.type === "FunctionDeclaration") return sloppy && node.id ? [node.id.name] : [];
    if (node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression") return [];
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") return [];
    const own = node.type === "VariableDeclaration" && node.kind === "var" ? node.declarations.flatMap(({ id }) => namesOf(id)) : [];
    return [...own, ...hoisted(childrenOf(node), sloppy)];
  });
}
