/** Somebody who runs one merchant of a programme, and has no say about the others. */
import { registerOperator } from '../../../../commands/registry/registerOperator.js';
import type { MerchantId, OperatorId, TenantId } from '../../../../domain/ids.js';
import type { Role } from '../../../../domain/operator/operator.js';
import { now, operatorToken } from '../../api/testApi.js';
import type { TestShop } from '../../api/testShop.js';

const tenant = 'demo' as TenantId;

/** Their token. */
export const ofMerchant = async (
  { handler, password }: Pick<TestShop, 'handler' | 'password'>,
  id: string,
  role: Role = 'manager',
): Promise<string> => {
  const operatorId = id as OperatorId;
  const operator = { operatorId, name: id, password, roles: [role] };
  await handler.handle(
    registerOperator,
    { ...operator, merchantId: 1 as MerchantId },
    {
      ...{ tenant, actor: { kind: 'operator', id: 'owner' }, now },
      ...{ idempotencyKey: `register ${id}`, correlationId: 'spec' },
    },
  );
  return operatorToken(tenant, id);
};
