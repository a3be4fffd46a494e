import type { Table } from '../store.ts';
import { unknownId } from './errors.ts';

interface Owned {
  id: string;
  /** The account's id. */
  account: string;
}

/** An account's own record; what others have, it does not learn of. @throws GatewayError 400 */
export function ownedBy<Record extends Owned>(table: Table<Record>, account: string, id: string): Record {
  const record = table.get(id);
  if (record?.account !== account) throw unknownId();
  return record;
}
