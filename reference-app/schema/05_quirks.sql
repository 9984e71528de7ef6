-- Tables that only quirks use; made when one of them is on.
CREATE TABLE IF NOT EXISTS "RequestCounter" ("name" text PRIMARY KEY, "hits" bigint NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS "RateLimit" ("bucket" text PRIMARY KEY, "hits" bigint NOT NULL DEFAULT 0, "resetAt" timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS "Outbox" (
  "id"          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "topic"       text NOT NULL,
  "payload"     jsonb NOT NULL DEFAULT '{}',
  "createdAt"   timestamptz NOT NULL DEFAULT now(),
  "processedAt" timestamptz
);
-- The application role owns nothing: a table made on first use is made by the owner, through this function.
CREATE OR REPLACE FUNCTION ensure_search_history() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(741852);
  IF to_regclass('public."SearchHistory"') IS NULL THEN
    CREATE TABLE "SearchHistory" (
      "id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      "tenantId" text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
      "words" text NOT NULL,
      "createdAt" timestamptz NOT NULL DEFAULT now()
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON "SearchHistory" TO %I', session_user);
  END IF;
END $$;
