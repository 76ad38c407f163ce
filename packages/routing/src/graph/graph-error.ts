/** Why the graph did not take what it was given; it is as it was before. */
export interface GraphError {
  readonly kind:
    | 'unknown_channel'
    | 'duplicate_channel'
    | 'conflicting_channel'
    | 'self_loop'
    | 'node_order'
    | 'invalid_node_id'
    | 'zero_capacity'
    | 'zero_short_channel_id'
    | 'graph_full'
    | 'stale_update'
    | 'zero_timestamp'
    | 'htlc_maximum_above_capacity'
    | 'htlc_minimum_above_maximum'
    | 'zero_htlc_maximum'
    | 'unknown_node'
    | 'stale_announcement'
    | 'too_long';
  /** The BOLT section behind the rule. */
  readonly spec: string;
  readonly message: string;
}

export const graphError = (kind: GraphError['kind'], message: string, spec = 'BOLT #7'): GraphError => ({
  kind,
  spec,
  message,
});
