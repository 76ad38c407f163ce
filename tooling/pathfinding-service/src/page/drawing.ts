import { MultiGraph } from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';
import Sigma from 'sigma';
import { EdgeArrowProgram, EdgeRectangleProgram } from 'sigma/rendering';
import type { Around, NodeSummary, Route } from './api.ts';

/** Of the parts of a route, in their order. */
export const partColours = ['#f6a821', '#5cc8ff', '#c792ff', '#7ee081', '#ff8d7a', '#ffe066', '#6ce5d8', '#ff9ad5'];
const dim = '#2c3750';

export const nameOf = ({ alias, nodeId }: NodeSummary): string => alias || `${nodeId.slice(0, 10)}…`;

/** The network around a node, and a route in it. */
export class Drawing {
  readonly #graph = new MultiGraph();
  readonly #sigma: Sigma;
  readonly #nodes = new Map<string, NodeSummary>();
  readonly #container: HTMLElement;

  constructor(container: HTMLElement, onChosen: (node: NodeSummary) => void) {
    this.#container = container;
    this.#sigma = new Sigma(this.#graph, container, {
      defaultEdgeType: 'line',
      edgeProgramClasses: { line: EdgeRectangleProgram, arrow: EdgeArrowProgram },
      labelColor: { color: '#e6eaf2' },
      labelSize: 12,
      labelDensity: 0.6,
      labelRenderedSizeThreshold: 7,
      zIndex: true,
      defaultDrawNodeHover: drawHover,
    });
    this.#sigma.on('clickNode', ({ node }) => onChosen(this.#nodes.get(node)!));
  }

  /** Draws what `around` answered, and nothing else. */
  show({ nodes, channels }: Around, centre: string): void {
    this.#graph.clear();
    this.#nodes.clear();
    for (const [i, node] of nodes.entries()) this.#addNode(node, i, node.nodeId === centre);
    for (const { shortChannelId, nodeId1, nodeId2, capacitySat } of channels) {
      this.#graph.addEdgeWithKey(shortChannelId, nodeId1, nodeId2, {
        size: Math.max(0.5, Math.log10(Number(capacitySat ?? 1)) / 4 - 0.6),
        color: '#3a4763',
        zIndex: 0,
      });
    }
    this.#layOut();
  }

  /** Draws a route over what is there, adding nodes that are not. */
  showRoute({ parts }: Route, summaries: readonly NodeSummary[], payer: string, payee: string): void {
    const onRoute = new Set(parts.flatMap(({ hops }) => hops.flatMap(({ from, to }) => [from, to])));
    let added = 0;
    for (const node of summaries) {
      if (this.#nodes.has(node.nodeId)) continue;
      this.#addNode(node, this.#nodes.size, false);
      added++;
    }
    this.#graph.forEachEdge((edge) => {
      this.#graph.mergeEdgeAttributes(edge, { color: '#232c40', size: 0.6, type: 'line', zIndex: 0 });
    });
    this.#graph.forEachNode((node) => {
      if (onRoute.has(node)) return;
      this.#graph.mergeNodeAttributes(node, { color: dim, zIndex: 0, label: '' });
    });
    parts.forEach(({ hops, amountMsat }, i) => {
      const color = partColours[i % partColours.length]!;
      for (const { from, to, shortChannelId } of hops) {
        this.#graph.addEdgeWithKey(`${i}/${shortChannelId}`, from, to, {
          type: 'arrow',
          color,
          size: 2.5 + Math.max(0, Math.log10(Number(amountMsat)) - 6) / 2,
          zIndex: 2,
        });
      }
    });
    for (const id of onRoute) {
      const end = id === payer ? '#4cd07d' : id === payee ? '#ff6b8b' : '#f6a821';
      this.#graph.mergeNodeAttributes(id, {
        color: end,
        size: id === payer || id === payee ? 13 : 9,
        label: nameOf(this.#nodes.get(id)!),
        forceLabel: true,
        zIndex: 3,
      });
    }
    if (added > 0) this.#layOut();
    else this.#tell();
  }

  #addNode(node: NodeSummary, i: number, isCentre: boolean): void {
    this.#nodes.set(node.nodeId, node);
    // a sunflower's seeds: the layout starts from it, and so ends the same for the same network
    const angle = i * 2.399963;
    this.#graph.addNode(node.nodeId, {
      x: Math.sqrt(i) * Math.cos(angle),
      y: Math.sqrt(i) * Math.sin(angle),
      size: isCentre ? 14 : 3 + 1.6 * Math.log2(1 + node.channelCount) ** 0.8,
      color: isCentre ? '#ffffff' : readable(node.color),
      label: nameOf(node),
      forceLabel: isCentre,
      zIndex: 1,
    });
  }

  #layOut(): void {
    forceAtlas2.assign(this.#graph, {
      iterations: 300,
      settings: {
        ...forceAtlas2.inferSettings(this.#graph),
        gravity: 0.6,
        scalingRatio: 12,
        linLogMode: false,
        outboundAttractionDistribution: true,
        adjustSizes: true,
        slowDown: 4,
      },
    });
    this.#sigma.getCamera().setState({ x: 0.5, y: 0.5, angle: 0, ratio: 1.08 });
    this.#tell();
  }

  /** For those who look by program. */
  #tell(): void {
    this.#sigma.refresh();
    this.#container.dataset['nodes'] = String(this.#graph.order);
    this.#container.dataset['edges'] = String(this.#graph.size);
  }
}

/** A node's own colour, light enough for a dark ground. */
function readable(color: string | null): string {
  if (color === null || !/^#[0-9a-f]{6}$/.test(color)) return '#7f8fb0';
  const channels = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return `#${channels
    .map((value) =>
      Math.round(95 + value * 0.6)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

function drawHover(
  context: CanvasRenderingContext2D,
  { x, y, size, label }: { x: number; y: number; size: number; label?: string | null },
): void {
  context.beginPath();
  context.arc(x, y, size + 3, 0, Math.PI * 2);
  context.strokeStyle = '#ffffff';
  context.lineWidth = 2;
  context.stroke();
  if (!label) return;
  context.font = '600 13px system-ui, sans-serif';
  const width = context.measureText(label).width;
  context.fillStyle = '#171e2d';
  context.fillRect(x + size + 5, y - 12, width + 12, 24);
  context.fillStyle = '#ffffff';
  context.fillText(label, x + size + 11, y + 5);
}
