/**
 * Numbers the strongly connected components of a directed graph (Tarjan's algorithm, without recursion): two nodes have the same number
 * when each can be reached from the other.
 * @param successors the nodes an edge leads to, from 0 to `count` - 1
 */
export function strongComponents(count: number, successors: (node: number) => readonly number[]): Int32Array {
  const component = new Int32Array(count).fill(-1);
  const order = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const open: number[] = [];
  let visited = 0;
  let components = 0;
  for (let root = 0; root < count; root += 1) {
    if (order[root] !== -1) continue;
    const path: { node: number; rest: number[] }[] = [];
    const enter = (node: number): void => {
      order[node] = low[node] = visited++;
      open.push(node);
      path.push({ node, rest: [...successors(node)] });
    };
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node, rest } = top;
      const next = rest.pop();
      if (next === undefined) {
        path.pop();
        const parent = path.at(-1)?.node;
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
        if (low[node] === order[node]) {
          for (let member = open.pop(); member !== undefined; member = open.pop()) {
            component[member] = components;
            if (member === node) break;
          }
          components += 1;
        }
      } else if (order[next] === -1) {
        enter(next);
      } else if (component[next] === -1) {
        low[node] = Math.min(low[node] ?? 0, order[next] ?? 0);
      }
    }
  }
  return component;
}
