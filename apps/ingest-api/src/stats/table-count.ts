import type { StatsRow } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import {
  accountShards,
  gainsOf,
  shardOfAccount,
  StatsFold,
  statsShapeOf,
  type BucketGain,
  type StatsShape,
  type StreamDefinition,
} from '@orderstream/streams';

/** Groups in memory at once, about 1 KB each at worst: of categories and hours, and of accounts and days. */
const MAX_GROUPS = 100_000;
const MAX_ACCOUNTS = 100_000;

/**
 * Counts the rows of one pass over a table. With more accounts than fit, those of half of the shards are left to
 * another pass, and so on; a shard is always counted whole.
 */
export class TableCount {
  records = 0;
  /** shards of accounts that the next pass has to count */
  readonly left: string[] = [];
  private readonly wanted: string[];
  private wantedNow: Set<string>;
  private readonly shape: StatsShape;
  private readonly foldByPartition = new Map<number, StatsFold>();

  /** `shards`: of accounts; a first pass has all of them and counts everything else too. */
  constructor(
    definition: StreamDefinition,
    shards: readonly string[] = accountShards(),
    private readonly isFirst = true,
    private readonly limits = { groups: MAX_GROUPS, accounts: MAX_ACCOUNTS },
  ) {
    this.shape = statsShapeOf(definition);
    this.wanted = [...shards];
    this.wantedNow = new Set(shards);
  }

  /** Throws `too_many_groups`. */
  add(rows: readonly StatsRow[]): void {
    for (const { row, partition, offset, writeTimeMicros } of rows)
      this.foldOf(partition).add(row, writeTimeMicros, offset);
    this.records += rows.length;
    const folds = [...this.foldByPartition.values()];
    const sizeOf = (of: (fold: StatsFold) => number): number => folds.reduce((sum, fold) => sum + of(fold), 0);
    if (sizeOf((fold) => fold.categories.length) > this.limits.groups) throw tooMany(this.limits.groups);
    while (this.wanted.length > 1 && sizeOf((fold) => fold.accounts.length) > this.limits.accounts)
      this.leaveHalf(folds);
  }

  *gains(): Generator<{ readonly partition: number; readonly gain: BucketGain }> {
    for (const [partition, fold] of this.foldByPartition) for (const gain of gainsOf(fold)) yield { partition, gain };
  }

  private leaveHalf(folds: readonly StatsFold[]): void {
    this.left.push(...this.wanted.splice(Math.ceil(this.wanted.length / 2)));
    this.wantedNow = new Set(this.wanted);
    for (const fold of folds) fold.dropAccounts();
  }

  private foldOf(partition: number): StatsFold {
    let fold = this.foldByPartition.get(partition);
    const wantsAccount = (account: string): boolean => this.wantedNow.has(shardOfAccount(account));
    if (!fold) {
      fold = new StatsFold(this.shape, { accountsOnly: !this.isFirst, wantsAccount });
      this.foldByPartition.set(partition, fold);
    }
    return fold;
  }
}

const tooMany = (most: number): ProblemError =>
  new ProblemError(
    'too_many_groups',
    `the table has more than ${most} groups of category and hour; name another field as stats.category of its stream`,
  );
