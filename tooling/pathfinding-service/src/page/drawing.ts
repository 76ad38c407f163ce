import { MultiGraph } from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';
import Sigma from 'sigma';
import { EdgeArrowProgram, EdgeRectangleProgram } from 'sigma/rendering';
import type { Around, NodeSummary, Route } from './api.ts';

/** Of the parts of a route, in their order. */
export const partColours = ['#f6a821', '#5cc8ff', '#c792ff', '#7ee081', '#ff8d7a', '#ffe066', '#6ce5d8', '#ff9ad5'];
const dim = '#2c3750';
/** Of a sunflower's seeds, in radians: none stands behind another. */
const goldenAngle = 2.399963;

export const nameOf = ({ alias, nodeId }: NodeSummary): string => alias || `${nodeId.slice(0, 10)}…`;

/** The network around a node, and a route in it. */
export class Drawing {
  readonly #graph = new MultiGraph();
  readonly #sigma: Sigma;
  readonly #nodes = new Map<string, NodeSummary>();
  readonly #container: HTMLElement;
  readonly #placed = new Set<string>();

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
    this.#placed.clear();
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
    for (const node of summaries) {
      if (!this.#nodes.has(node.nodeId)) this.#addNode(node, this.#nodes.size, false);
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
        if (this.#graph.hasEdge(shortChannelId)) this.#graph.dropEdge(shortChannelId);
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
    this.#line(parts.map(({ hops }) => [payer, ...hops.map(({ to }) => to)]));
    this.#look();
  }

  /** From the payer at the left to the payee at the right, a part a line; others stand around who they belong to. */
  #line(lines: readonly (readonly string[])[]): void {
    const places = new Map<string, { x: number; y: number }[]>();
    lines.forEach((nodes, i) => {
      const height = lines.length === 1 ? 0 : 0.8 * (i / (lines.length - 1) - 0.5);
      nodes.forEach((node, k) => {
        const along = k / (nodes.length - 1);
        // a little up and down, so that names do not meet
        const y = (height + (k % 2 === 0 ? 0.07 : -0.07)) * Math.sin(Math.PI * along);
        places.set(node, [...(places.get(node) ?? []), { x: along, y }]);
      });
    });
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const [node, at] of places) {
      const centre = { x: mean(at.map(({ x }) => x)), y: mean(at.map(({ y }) => y)) };
      this.#graph.mergeNodeAttributes(node, centre);
      const others = this.#graph.neighbors(node).filter((other) => !places.has(other) && !this.#placed.has(other));
      others.forEach((other, i) => {
        this.#placed.add(other);
        const radius = 0.035 + 0.012 * Math.sqrt(i);
        const angle = i * goldenAngle;
        this.#graph.mergeNodeAttributes(other, {
          x: centre.x + radius * Math.cos(angle),
          y: centre.y + radius * Math.sin(angle),
          size: 2.5,
        });
      });
    }
  }

  #addNode(node: NodeSummary, i: number, isCentre: boolean): void {
    this.#nodes.set(node.nodeId, node);
    // the layout starts from it, and so ends the same for the same network
    const angle = i * goldenAngle;
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
    this.#look();
  }

  /** At all of it; and tells those who look by program. */
  #look(): void {
    this.#sigma.getCamera().setState({ x: 0.5, y: 0.5, angle: 0, ratio: 1.12 });
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
