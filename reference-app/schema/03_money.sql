-- Money: invoices, payments, expenses, and the keys under which a repeated create is answered once.
DO $$ BEGIN CREATE TYPE "InvoiceStatus" AS ENUM ('DRAFT', 'SENT', 'PAID', 'VOID'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;

CREATE TABLE IF NOT EXISTS "Invoice" (
  "id"          text PRIMARY KEY,
  "tenantId"    text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "number"      text NOT NULL,
  "bookingId"   text,
  "clientId"    text REFERENCES "User" ("id") ON DELETE SET NULL,
  "clientEmail" text,
  "amount"      numeric(12,2) NOT NULL CHECK ("amount" >= 0),
  "currency"    text NOT NULL DEFAULT 'EUR' CHECK ("currency" IN ('EUR', 'USD', 'GBP')),
  "status"      "InvoiceStatus" NOT NULL DEFAULT 'DRAFT',
  "issuedOn"    date NOT NULL DEFAULT CURRENT_DATE,
  "dueOn"       date,
  "lines"       jsonb NOT NULL DEFAULT '[]',
  "memo"        text,
  "remindedAt"  timestamptz,
  "createdAt"   timestamptz NOT NULL DEFAULT now(),
  "updatedAt"   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Invoice_id_tenantId_key" UNIQUE ("id", "tenantId"),
  CONSTRAINT "Invoice_tenantId_number_key" UNIQUE ("tenantId", "number"),
  CONSTRAINT "Invoice_tenant_booking_fkey" FOREIGN KEY ("bookingId", "tenantId") REFERENCES "Booking" ("id", "tenantId")
);

CREATE TABLE IF NOT EXISTS "Payment" (
  "id"        text PRIMARY KEY,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "invoiceId" text NOT NULL,
  "amount"    numeric(12,2) NOT NULL CHECK ("amount" > 0),
  "method"    text NOT NULL DEFAULT 'TRANSFER' CHECK ("method" IN ('CARD', 'TRANSFER', 'CASH')),
  "status"    text NOT NULL DEFAULT 'PENDING' CHECK ("status" IN ('PENDING', 'SETTLED', 'REFUNDED')),
  "reference" text,
  "paidAt"    timestamptz,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Payment_tenant_invoice_fkey" FOREIGN KEY ("invoiceId", "tenantId") REFERENCES "Invoice" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "Payment_tenantId_idx" ON "Payment" ("tenantId", "invoiceId");

CREATE TABLE IF NOT EXISTS "Expense" (
  "id"               text PRIMARY KEY,
  "tenantId"         text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "userId"           text,
  "serviceRequestId" text REFERENCES "ServiceRequest" ("id") ON DELETE SET NULL,
  "description"      text NOT NULL,
  "vendor"           text,
  "category"         text,
  "amount"           numeric(12,2) NOT NULL CHECK ("amount" >= 0),
  "currency"         text NOT NULL DEFAULT 'EUR' CHECK ("currency" IN ('EUR', 'USD', 'GBP')),
  "status"           text NOT NULL DEFAULT 'PENDING' CHECK ("status" IN ('PENDING', 'APPROVED', 'REJECTED')),
  "spentOn"          date NOT NULL DEFAULT CURRENT_DATE,
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  "updatedAt"        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "Expense_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "Expense_tenantId_idx" ON "Expense" ("tenantId");

-- Rows that an import refused, until somebody has looked at them.
CREATE TABLE IF NOT EXISTS "QuarantinedRow" (
  "id"        text PRIMARY KEY,
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "userId"    text,
  "source"    text NOT NULL,
  "line"      integer NOT NULL CHECK ("line" > 0),
  "reason"    text NOT NULL,
  "content"   text NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "QuarantinedRow_tenant_user_fkey" FOREIGN KEY ("userId", "tenantId") REFERENCES "User" ("id", "tenantId")
);
CREATE INDEX IF NOT EXISTS "QuarantinedRow_tenantId_idx" ON "QuarantinedRow" ("tenantId");

CREATE TABLE IF NOT EXISTS "IdempotencyKey" (
  "tenantId"  text NOT NULL REFERENCES "Tenant" ("id") ON DELETE CASCADE,
  "key"       text NOT NULL,
  "answer"    text NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "expiresAt" timestamptz NOT NULL DEFAULT now() + interval '1 day',
  PRIMARY KEY ("tenantId", "key")
);
