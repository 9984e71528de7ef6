-- Records that a firm must keep, and the five settings tables, whose row without a tenant holds the global defaults.
CREATE TABLE IF NOT EXISTS "ComplianceRecord" (
  "id"        text PRIMARY KEY,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "userId"    text,
  "kind"      text NOT NULL,
  "status"    text NOT NULL DEFAULT 'OPEN' CHECK ("status" IN ('OPEN', 'FILED', 'OVERDUE')),
  "dueOn"     date,
  "notes"     text,
  "evidence"  jsonb NOT NULL DEFAULT '{}',
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "ComplianceRecord_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "ComplianceRecord_tenantId_idx" ON "ComplianceRecord" ("tenantId");

CREATE TABLE IF NOT EXISTS "HealthLog" (
  "id"        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "userId"    text,
  "service"   text NOT NULL,
  "level"     text NOT NULL DEFAULT 'INFO' CHECK ("level" IN ('INFO', 'WARN', 'ERROR')),
  "message"   text NOT NULL,
  "payload"   jsonb NOT NULL DEFAULT '{}',
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "HealthLog_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "HealthLog_tenantId_idx" ON "HealthLog" ("tenantId");

CREATE TABLE IF NOT EXISTS "AuditLog" (
  "id"        text PRIMARY KEY,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "userId"    text,
  "actorId"   text,
  "action"    text NOT NULL,
  "entity"    text NOT NULL,
  "entityId"  text,
  "detail"    jsonb NOT NULL DEFAULT '{}',
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "AuditLog_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "AuditLog_tenantId_idx" ON "AuditLog" ("tenantId");

CREATE TABLE IF NOT EXISTS "OrganizationSettings" (
  "id"           text PRIMARY KEY,
  "tenantId"     text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "displayName"  text,
  "legalName"    text,
  "contactEmail" text,
  "timezone"     text NOT NULL DEFAULT 'UTC',
  "locale"       text NOT NULL DEFAULT 'en' CHECK ("locale" IN ('en', 'ar', 'hi')),
  "branding"     jsonb NOT NULL DEFAULT '{}',
  "updatedAt"    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS "BookingSettings" (
  "id"             text PRIMARY KEY,
  "tenantId"       text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "minNoticeHours" integer NOT NULL DEFAULT 24 CHECK ("minNoticeHours" >= 0),
  "maxPerDay"      integer NOT NULL DEFAULT 12 CHECK ("maxPerDay" >= 0),
  "weekdays"       integer[] NOT NULL DEFAULT '{1,2,3,4,5}',
  "autoConfirm"    boolean NOT NULL DEFAULT false,
  "confirmation"   text,
  "updatedAt"      timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS "IntegrationSettings" (
  "id"         text PRIMARY KEY,
  "tenantId"   text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "provider"   text NOT NULL DEFAULT 'none',
  "webhookUrl" text,
  "apiKeyHint" text,
  "enabled"    boolean NOT NULL DEFAULT false,
  "config"     jsonb NOT NULL DEFAULT '{}',
  "lastSyncAt" timestamptz,
  "updatedAt"  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS "SecuritySettings" (
  "id"                text PRIMARY KEY,
  "tenantId"          text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "passwordMinLength" integer NOT NULL DEFAULT 12 CHECK ("passwordMinLength" BETWEEN 8 AND 128),
  "sessionMinutes"    integer NOT NULL DEFAULT 480 CHECK ("sessionMinutes" > 0),
  "mfaRequired"       boolean NOT NULL DEFAULT false,
  "allowedIps"        text[] NOT NULL DEFAULT '{}',
  "contact"           text,
  "updatedAt"         timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS "CommunicationSettings" (
  "id"          text PRIMARY KEY,
  "tenantId"    text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "senderName"  text,
  "senderEmail" text,
  "smsEnabled"  boolean NOT NULL DEFAULT false,
  "footer"      text,
  "templates"   jsonb NOT NULL DEFAULT '{}',
  "updatedAt"   timestamptz NOT NULL DEFAULT now()
);
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['OrganizationSettings', 'BookingSettings', 'IntegrationSettings', 'SecuritySettings', 'CommunicationSettings'] LOOP
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I ("tenantId") WHERE "tenantId" IS NOT NULL', t || '_tenantId_key', t);
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I ((true)) WHERE "tenantId" IS NULL', t || '_global_key', t);
    EXECUTE format('INSERT INTO %I ("id") SELECT ''global'' WHERE NOT EXISTS (SELECT 1 FROM %I WHERE "tenantId" IS NULL)', t, t);
  END LOOP;
END $$;
