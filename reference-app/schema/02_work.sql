-- Services and the work on them. Compound foreign keys where the migration plan asks for them (task 2.2).
DO $$ BEGIN CREATE TYPE "ServiceStatus" AS ENUM ('DRAFT', 'ACTIVE', 'DEPRECATED'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE "RequestStatus" AS ENUM ('DRAFT', 'SUBMITTED', 'APPROVED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE "BookingStatus" AS ENUM ('PENDING', 'CONFIRMED', 'COMPLETED', 'CANCELLED'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE "Priority" AS ENUM ('LOW', 'MEDIUM', 'HIGH', 'URGENT'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;

CREATE TABLE IF NOT EXISTS "Service" (
  "id"              text PRIMARY KEY,
  "tenantId"        text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "slug"            text NOT NULL,
  "name"            text NOT NULL,
  "description"     text,
  "category"        text,
  "price"           numeric(12,2) CHECK ("price" >= 0),
  "durationMinutes" integer CHECK ("durationMinutes" > 0),
  "status"          "ServiceStatus" NOT NULL DEFAULT 'DRAFT',
  "featured"        boolean NOT NULL DEFAULT false,
  "tags"            text[] NOT NULL DEFAULT '{}',
  "settings"        jsonb NOT NULL DEFAULT '{}',
  "createdAt"       timestamptz NOT NULL DEFAULT now(),
  "updatedAt"       timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Service_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "Service_tenantId_slug_key" UNIQUE ("tenantId", "slug")
);

CREATE TABLE IF NOT EXISTS "ServiceRequest" (
  "id"          text PRIMARY KEY,
  "tenantId"    text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "serviceId"   text,
  "userId"      text,
  "assigneeId"  text REFERENCES "User" ("id") ON DELETE SET NULL,
  "title"       text NOT NULL,
  "description" text,
  "status"      "RequestStatus" NOT NULL DEFAULT 'DRAFT',
  "priority"    "Priority" NOT NULL DEFAULT 'MEDIUM',
  "budget"      numeric(12,2),
  "dueDate"     date,
  "metadata"    jsonb NOT NULL DEFAULT '{}',
  "createdAt"   timestamptz NOT NULL DEFAULT now(),
  "updatedAt"   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "ServiceRequest_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "ServiceRequest_tenant_service_fkey" FOREIGN KEY ("serviceId", "tenantId") REFERENCES "Service" ("id", "tenantId"),
  CONSTRAINT "ServiceRequest_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "ServiceRequest_tenantId_idx" ON "ServiceRequest" ("tenantId", "status");

CREATE TABLE IF NOT EXISTS "Booking" (
  "id"               text PRIMARY KEY,
  "tenantId"         text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "serviceId"        text NOT NULL,
  "serviceRequestId" text REFERENCES "ServiceRequest" ("id") ON DELETE SET NULL,
  "clientId"         text REFERENCES "User" ("id") ON DELETE SET NULL,
  "staffId"          text REFERENCES "User" ("id") ON DELETE SET NULL,
  "clientName"       text NOT NULL,
  "clientEmail"      text NOT NULL,
  "clientPhone"      text,
  "scheduledAt"      timestamptz NOT NULL,
  "durationMinutes"  integer NOT NULL DEFAULT 60 CHECK ("durationMinutes" > 0),
  "status"           "BookingStatus" NOT NULL DEFAULT 'PENDING',
  "amount"           numeric(12,2),
  "notes"            text,
  "cancelReason"     text,
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  "updatedAt"        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Booking_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "Booking_tenant_service_fkey" FOREIGN KEY ("serviceId", "tenantId") REFERENCES "Service" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "Booking_tenantId_serviceId_idx" ON "Booking" ("tenantId", "serviceId");

CREATE TABLE IF NOT EXISTS "Task" (
  "id"               text PRIMARY KEY,
  "tenantId"         text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "assigneeId"       text,
  "serviceRequestId" text REFERENCES "ServiceRequest" ("id") ON DELETE SET NULL,
  "title"            text NOT NULL,
  "description"      text,
  "status"           text NOT NULL DEFAULT 'OPEN' CHECK ("status" IN ('OPEN', 'IN_PROGRESS', 'DONE', 'CANCELLED')),
  "priority"         "Priority" NOT NULL DEFAULT 'MEDIUM',
  "dueDate"          date,
  "watcherIds"       text[] NOT NULL DEFAULT '{}',
  "checklist"        jsonb NOT NULL DEFAULT '[]',
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  "updatedAt"        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Task_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "Task_tenant_assignee_fkey" FOREIGN KEY ("assigneeId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "Task_tenantId_assigneeId_idx" ON "Task" ("tenantId", "assigneeId");

CREATE TABLE IF NOT EXISTS "Comment" (
  "id"               text PRIMARY KEY,
  "tenantId"         text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "serviceRequestId" text NOT NULL,
  "authorId"         text REFERENCES "User" ("id") ON DELETE SET NULL,
  "body"             text NOT NULL,
  "visibility"       text NOT NULL DEFAULT 'CLIENT' CHECK ("visibility" IN ('INTERNAL', 'CLIENT')),
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Comment_tenant_request_fkey" FOREIGN KEY ("serviceRequestId", "tenantId") REFERENCES "ServiceRequest" ("id", "tenantId") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "Comment_request_idx" ON "Comment" ("tenantId", "serviceRequestId");

CREATE TABLE IF NOT EXISTS "Attachment" (
  "id"               text PRIMARY KEY,
  "tenantId"         text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "serviceRequestId" text NOT NULL,
  "uploadedBy"       text REFERENCES "User" ("id") ON DELETE SET NULL,
  "fileName"         text NOT NULL,
  "contentType"      text NOT NULL DEFAULT 'text/plain',
  "size"             integer NOT NULL DEFAULT 0 CHECK ("size" >= 0),
  "storageKey"       text NOT NULL UNIQUE,
  "content"          text NOT NULL DEFAULT '',
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Attachment_tenant_request_fkey" FOREIGN KEY ("serviceRequestId", "tenantId") REFERENCES "ServiceRequest" ("id", "tenantId") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "Attachment_request_idx" ON "Attachment" ("tenantId", "serviceRequestId");

CREATE TABLE IF NOT EXISTS "Post" (
  "id"          text PRIMARY KEY,
  "tenantId"    text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "authorId"    text REFERENCES "User" ("id") ON DELETE SET NULL,
  "slug"        text NOT NULL,
  "title"       text NOT NULL,
  "body"        text NOT NULL DEFAULT '',
  "published"   boolean NOT NULL DEFAULT false,
  "publishedAt" timestamptz,
  "createdAt"   timestamptz NOT NULL DEFAULT now(),
  "updatedAt"   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Post_tenantId_slug_key" UNIQUE ("tenantId", "slug")
);
