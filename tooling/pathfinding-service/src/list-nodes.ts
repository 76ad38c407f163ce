import type { NodeId } from '@boltwright/base';
import type { NetworkGraph } from '@boltwright/routing';
import { aliasText } from './graph-json.ts';

/** Ids of nodes whose alias holds the text, or whose id begins with it, those with most channels first. */
export function listNodes(graph: NetworkGraph, search: string, limit: number): readonly NodeId[] {
  const { nodeTable } = graph;
  const wanted = search.trim().toLowerCase();
  const isHex = /^[0-9a-f]+$/.test(wanted);
  const found: number[] = [];
  for (let row = 0; row < nodeTable.length; row++) {
    if (!nodeTable.has(row)) continue;
    if (wanted === '' || (isHex && nodeTable.id(row).startsWith(wanted))) found.push(row);
    else {
      const announcement = nodeTable.announcements.get(row);
      if (announcement !== undefined && aliasText(announcement.alias).toLowerCase().includes(wanted)) found.push(row);
    }
  }
  return found
    .sort((a, b) => nodeTable.listLength[b]! - nodeTable.listLength[a]! || a - b)
    .slice(0, limit)
    .map((row) => nodeTable.id(row));
}
