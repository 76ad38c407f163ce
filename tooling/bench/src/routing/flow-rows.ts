import type { NetworkGraph, RoutePlan } from '@boltwright/routing';
import { type BenchRow, compared } from '../report.ts';
import type { UniformBalances } from './delivery.ts';
import { type Answer, ourRouter } from './our-router.ts';
import type { Pair } from './pairs.ts';
import { quantile, summarise } from './summary.ts';

/** Plans by flow beside the heuristic's, for amounts that mostly take several parts. */
export function flowRows(graph: NetworkGraph, pairs: readonly Pair[], judge: UniformBalances): readonly BenchRow[] {
  const answersBy = (plan: RoutePlan): readonly Answer[] => {
    const find = ourRouter(graph, plan);
    pairs.slice(0, 20).forEach(find);
    return pairs.map(find);
  };
  const heuristic = answersBy('heuristic');
  const flow = answersBy('flow');
  const both = pairs.map((_, i) => i).filter((i) => flow[i]!.paths !== undefined && heuristic[i]!.paths !== undefined);
  const all = (answers: readonly Answer[]) => summarise(pairs, answers, judge);
  const shared = (answers: readonly Answer[]) =>
    summarise(
      both.map((i) => pairs[i]!),
      both.map((i) => answers[i]!),
      judge,
    );
  // most of these payments hardly succeed: a mean of logarithms shows by what factor chances differ
  const meanChance = (answers: readonly Answer[]) => {
    const logs = both.map((i) => Math.log(judge.judge(pairs[i]!.payer, answers[i]!.paths!).probability));
    return 100 * Math.exp(logs.reduce((sum, log) => sum + log, 0) / both.length);
  };
  const row = (name: string, unit: string, of: (answers: readonly Answer[]) => number, better: 'less' | 'more') =>
    compared(`plan by flow: ${name}`, unit, of(flow), 'our heuristic', of(heuristic), better);
  const percent = (part: number) => (100 * part) / pairs.length;
  return [
    row('find a route, p50', 'ms', (answers) => quantile(all(answers).times, 0.5), 'less'),
    row('find a route, p99', 'ms', (answers) => quantile(all(answers).times, 0.99), 'less'),
    row('routes found', '%', (answers) => percent(all(answers).found), 'more'),
    row('success probability, all pairs', '%', (answers) => percent(all(answers).probability), 'more'),
    row(`mean success probability where both found one (${both.length})`, '%', meanChance, 'more'),
    row('fees where both found one', 'sat', (answers) => shared(answers).feeMsat / 1000, 'less'),
    row('parts where both found one', 'parts', (answers) => shared(answers).parts / both.length, 'less'),
    row('delivered at drawn balances', '%', (answers) => percent(all(answers).delivered), 'more'),
  ];
}
