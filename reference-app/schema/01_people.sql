-- Tenants, people, memberships and sessions. Every statement may run again.
DO $$ BEGIN CREATE TYPE "TenantStatus" AS ENUM ('ACTIVE', 'SUSPENDED'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE "UserRole" AS ENUM ('ADMIN', 'STAFF', 'CLIENT'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;

CREATE TABLE IF NOT EXISTS "Tenant" (
  "id"        text PRIMARY KEY,
  "slug"      text NOT NULL UNIQUE CHECK ("slug" ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
  "name"      text NOT NULL,
  "status"    "TenantStatus" NOT NULL DEFAULT 'ACTIVE',
  "plan"      text NOT NULL DEFAULT 'STANDARD' CHECK ("plan" IN ('TRIAL', 'STANDARD', 'PRO')),
  "createdAt" timestamptz NOT NULL DEFAULT now()
);

-- A user has one home; "tenantId" is null for the platform's operators and for people who belong nowhere yet.
CREATE TABLE IF NOT EXISTS "User" (
  "id"                  text PRIMARY KEY,
  "tenantId"            text REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "email"               text NOT NULL,
  "name"                text NOT NULL,
  "passwordHash"        text NOT NULL,
  "role"                "UserRole" NOT NULL DEFAULT 'CLIENT',
  "globalRole"          text CHECK ("globalRole" IN ('PLATFORM_OPERATOR')),
  "status"              text NOT NULL DEFAULT 'ACTIVE' CHECK ("status" IN ('ACTIVE', 'INACTIVE')),
  "phone"               text,
  "department"          text,
  "mustResetPassword"   boolean NOT NULL DEFAULT false,
  "failedLoginAttempts" integer NOT NULL DEFAULT 0,
  "lastLoginAt"         timestamptz,
  "createdAt"           timestamptz NOT NULL DEFAULT now(),
  "updatedAt"           timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "User_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "User_tenantId_email_key" UNIQUE ("tenantId", "email")
);
CREATE UNIQUE INDEX IF NOT EXISTS "User_email_without_tenant_key" ON "User" ("email") WHERE "tenantId" IS NULL;
CREATE INDEX IF NOT EXISTS "User_email_idx" ON "User" (lower("email"));

CREATE TABLE IF NOT EXISTS "TenantMembership" (
  "id"        text PRIMARY KEY,
  "userId"    text NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "role"      "UserRole" NOT NULL DEFAULT 'CLIENT',
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "endedAt"   timestamptz,
  CONSTRAINT "TenantMembership_userId_tenantId_key" UNIQUE ("userId", "tenantId")
);
CREATE INDEX IF NOT EXISTS "TenantMembership_tenantId_idx" ON "TenantMembership" ("tenantId");

-- Global: one row a log-in or switch. The membership that let the caller in is asked again at every call.
CREATE TABLE IF NOT EXISTS "Session" (
  "id"           text PRIMARY KEY,
  "userId"       text NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
  "membershipId" text REFERENCES "TenantMembership" ("id") ON DELETE CASCADE,
  "createdAt"    timestamptz NOT NULL DEFAULT now(),
  "expiresAt"    timestamptz NOT NULL,
  "revokedAt"    timestamptz,
  "lastSeenAt"   timestamptz
);
CREATE INDEX IF NOT EXISTS "Session_userId_idx" ON "Session" ("userId");
