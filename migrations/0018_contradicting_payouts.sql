-- Up Migration

-- payout_one_live leaves out what contradicts: it succeeded when another attempt stood already, and stands beside
-- it. While it does, the database refuses every further attempt of the same instruction as well.
CREATE FUNCTION refuse_payout_beside_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM payout
    WHERE tenant_id = NEW.tenant_id AND instruction_id = NEW.instruction_id AND contradicts
      AND state NOT IN ('failed', 'reversed', 'cancelled', 'rejected')) THEN
    RAISE unique_violation USING
      MESSAGE = 'another attempt of this instruction has paid', CONSTRAINT = 'payout_one_live', TABLE = 'payout';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payout_beside_paid BEFORE INSERT ON payout
  FOR EACH ROW WHEN (NEW.attempt > 1) EXECUTE FUNCTION refuse_payout_beside_paid();

-- Down Migration
