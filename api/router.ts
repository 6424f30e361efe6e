/**
 * Finds the route of a path: a tree of segments, a literal before a parameter, in a time that does not grow with the number of
 * routes. Express' own router tries one pattern after another, which the hot path would pay for on every request.
 */
import type { Method, Route } from './route.js';

export interface Found {
  readonly route: Route;
  /** As written in the URL, still percent-encoded, in the order of `route.paramNames`. */
  readonly values: readonly string[];
}

export interface Router {
  /** The route, or the methods that the path does know (none: no such path). */
  find(method: string, path: string): Found | readonly Method[];
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | null;
  readonly routes: Map<string, Route>;
}

const newNode = (): Node => ({ literals: new Map(), parameter: null, routes: new Map() });

const segmentsOf = (path: string): string[] => {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
};

/** @throws Error where two routes share a method and a path. */
export const createRouter = (routes: readonly Route[]): Router => {
  const root = newNode();
  for (const route of routes) {
    let node = root;
    for (const segment of segmentsOf(route.path)) {
      if (segment.startsWith('{')) {
        node = node.parameter ??= newNode();
        continue;
      }
      let next = node.literals.get(segment);
      if (!next) node.literals.set(segment, (next = newNode()));
      node = next;
    }
    if (node.routes.has(route.method)) {
      throw new Error(`Two routes are ${route.method} ${route.path}: keep one.`);
    }
    node.routes.set(route.method, route);
  }

  /** Depth first, literals first; a path without the method falls back to a parameter, so a purchase may be called "quote". */
  const search = (
    node: Node,
    segments: readonly string[],
    index: number,
    method: string,
    values: string[],
    allowed: Set<Method>,
  ): Route | null => {
    if (index === segments.length) {
      const route = node.routes.get(method);
      if (!route) for (const known of node.routes.values()) allowed.add(known.method);
      return route ?? null;
    }
    const segment = segments[index] as string;
    const literal = node.literals.get(segment);
    const found = literal && search(literal, segments, index + 1, method, values, allowed);
    if (found) return found;
    if (!node.parameter || segment === '') return null;
    values.push(segment);
    const deeper = search(node.parameter, segments, index + 1, method, values, allowed);
    if (!deeper) values.pop();
    return deeper;
  };

  return {
    find: (method, path) => {
      const values: string[] = [];
      const allowed = new Set<Method>();
      const wanted = method === 'HEAD' ? 'GET' : method;
      const route = search(root, segmentsOf(path), 0, wanted, values, allowed);
      return route ? { route, values } : [...allowed].sort();
    },
  };
};
