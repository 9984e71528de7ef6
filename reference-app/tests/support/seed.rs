//! Two firms, Acme (who attacks) and Bolt (whose words all hold `zqbolt`), and people in all positions.
use sqlx::{Connection, PgConnection};

pub const PASSWORD: &str = "a-long-password";
/// What stands in every text of Bolt's.
pub const MARK: &str = "zqbolt";
/// The tables whose rows have a tenant.
pub const TABLES: [&str; 22] = [
    "User",
    "TenantMembership",
    "Service",
    "ServiceRequest",
    "Booking",
    "Task",
    "Comment",
    "Attachment",
    "Post",
    "Invoice",
    "Payment",
    "Expense",
    "QuarantinedRow",
    "IdempotencyKey",
    "ComplianceRecord",
    "HealthLog",
    "AuditLog",
    "OrganizationSettings",
    "BookingSettings",
    "IntegrationSettings",
    "SecuritySettings",
    "CommunicationSettings",
];

/// Fills a database whose tables have been made.
pub async fn fill(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let hash = reference_app::hash_password(PASSWORD);
    let mut script = String::new();
    for (firm, mark) in [("acme", "qxacme"), ("bolt", MARK)] {
        script += &FIRM
            .replace("FIRM", firm)
            .replace("MARK", mark)
            .replace("HASH", &hash);
    }
    script += &OTHERS.replace("HASH", &hash);
    sqlx::raw_sql(sqlx::AssertSqlSafe(script))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

const FIRM: &str = r#"
INSERT INTO "Tenant" ("id", "slug", "name") VALUES ('t-FIRM', 'FIRM', 'FIRM');
INSERT INTO "User" ("id", "tenantId", "email", "name", "passwordHash", "role", "phone", "department") VALUES
  ('u-FIRM-admin', 't-FIRM', 'admin@FIRM.test', 'MARK admin', 'HASH', 'ADMIN', 'MARK 1', 'MARK dep'),
  ('u-FIRM-client', 't-FIRM', 'client@FIRM.test', 'MARK client', 'HASH', 'CLIENT', 'MARK 2', NULL),
  ('u-FIRM-both', 't-FIRM', 'both@shared.test', 'MARK both', 'HASH', 'CLIENT', 'MARK 3', 'MARK dep'),
  ('u-FIRM-fresh', 't-FIRM', 'fresh@FIRM.test', 'MARK fresh', 'HASH', 'STAFF', NULL, NULL);
INSERT INTO "TenantMembership" ("id", "userId", "tenantId", "role") SELECT 'm-' || "id", "id", "tenantId", "role" FROM "User" WHERE "tenantId" = 't-FIRM';
INSERT INTO "Service" ("id", "tenantId", "slug", "name", "description", "category", "price", "status")
  SELECT 's-FIRM-' || n, 't-FIRM', 'MARK-' || n, 'MARK service ' || n, 'MARK words', 'MARK', n * 10, 'ACTIVE' FROM generate_series(1, 4) n;
INSERT INTO "ServiceRequest" ("id", "tenantId", "serviceId", "userId", "title", "description", "status", "priority")
  SELECT 'r-FIRM-' || n, 't-FIRM', 's-FIRM-1', 'u-FIRM-client', 'MARK request ' || n, 'MARK words needle', 'SUBMITTED', 'URGENT' FROM generate_series(1, 4) n;
INSERT INTO "Comment" ("id", "tenantId", "serviceRequestId", "authorId", "body")
  SELECT 'c-FIRM-' || n, 't-FIRM', 'r-FIRM-' || n, 'u-FIRM-admin', 'MARK comment ' || n FROM generate_series(1, 4) n;
INSERT INTO "Attachment" ("id", "tenantId", "serviceRequestId", "fileName", "storageKey", "content")
  SELECT 'a-FIRM-' || n, 't-FIRM', 'r-FIRM-' || n, 'MARK-file-' || n, 'key-FIRM-' || n, 'MARK content' FROM generate_series(1, 4) n;
INSERT INTO "Booking" ("id", "tenantId", "serviceId", "clientId", "staffId", "clientName", "clientEmail", "scheduledAt", "status", "amount", "notes")
  SELECT 'b-FIRM-' || n, 't-FIRM', 's-FIRM-2', 'u-FIRM-client', 'u-FIRM-admin', 'MARK client ' || n, 'client@FIRM.test',
    now() + n * interval '1 hour', 'PENDING', 100 + n, 'MARK notes' FROM generate_series(1, 25) n;
INSERT INTO "Task" ("id", "tenantId", "title", "description")
  SELECT 'k-FIRM-' || n, 't-FIRM', 'MARK task ' || n, 'MARK words' FROM generate_series(1, 6) n;
INSERT INTO "Post" ("id", "tenantId", "slug", "title", "body", "published")
  SELECT 'p-FIRM-' || n, 't-FIRM', 'post-FIRM-' || n, 'MARK post ' || n, 'MARK words', n = 1 FROM generate_series(1, 4) n;
INSERT INTO "Invoice" ("id", "tenantId", "number", "clientId", "clientEmail", "amount", "memo")
  SELECT 'i-FIRM-' || n, 't-FIRM', 'INV-00000' || n, 'u-FIRM-client', 'both@shared.test', 50 + n, 'MARK memo' FROM generate_series(1, 3) n;
INSERT INTO "Payment" ("id", "tenantId", "invoiceId", "amount", "reference") VALUES ('y-FIRM-1', 't-FIRM', 'i-FIRM-1', 20, 'MARK reference');
INSERT INTO "Expense" ("id", "tenantId", "userId", "description", "vendor", "category", "amount")
  SELECT 'e-FIRM-' || n, 't-FIRM', 'u-FIRM-admin', 'MARK expense ' || n, 'MARK vendor', 'MARK category', n FROM generate_series(1, 4) n;
INSERT INTO "QuarantinedRow" ("id", "tenantId", "source", "line", "reason", "content")
  SELECT 'q-FIRM-' || n, 't-FIRM', 'MARK upload', n, 'MARK reason', 'MARK row ' || n FROM generate_series(1, 2) n;
INSERT INTO "ComplianceRecord" ("id", "tenantId", "kind", "notes") VALUES ('cr-FIRM-1', 't-FIRM', 'MARK kind', 'MARK notes');
INSERT INTO "HealthLog" ("tenantId", "service", "message") SELECT 't-FIRM', 'MARK service', 'MARK message ' || n FROM generate_series(1, 4) n;
INSERT INTO "AuditLog" ("id", "tenantId", "action", "entity", "entityId") VALUES ('al-FIRM-1', 't-FIRM', 'MARK action', 'Service', 's-FIRM-1');
INSERT INTO "OrganizationSettings" ("id", "tenantId", "displayName") VALUES ('os-FIRM', 't-FIRM', 'MARK display');
INSERT INTO "IntegrationSettings" ("id", "tenantId", "provider", "webhookUrl") VALUES ('is-FIRM', 't-FIRM', 'MARK provider', 'https://MARK.test');
INSERT INTO "SecuritySettings" ("id", "tenantId", "contact") VALUES ('ss-FIRM', 't-FIRM', 'MARK contact');
"#;

/// A member of both, a former member, somebody without a firm, an operator; and what only Bolt has.
const OTHERS: &str = r#"
INSERT INTO "User" ("id", "tenantId", "email", "name", "passwordHash", "role", "globalRole") VALUES
  ('u-dual', 't-acme', 'dual@acme.test', 'dual', 'HASH', 'ADMIN', NULL),
  ('u-former', 't-acme', 'former@acme.test', 'former', 'HASH', 'ADMIN', NULL),
  ('u-nobody', NULL, 'nobody@nowhere.test', 'nobody', 'HASH', 'ADMIN', NULL),
  ('u-operator', NULL, 'operator@platform.test', 'operator', 'HASH', 'ADMIN', 'PLATFORM_OPERATOR');
INSERT INTO "TenantMembership" ("id", "userId", "tenantId", "role", "endedAt") VALUES
  ('m-dual-acme', 'u-dual', 't-acme', 'ADMIN', NULL), ('m-dual-bolt', 'u-dual', 't-bolt', 'ADMIN', NULL),
  ('m-former-acme', 'u-former', 't-acme', 'ADMIN', NULL), ('m-former-bolt', 'u-former', 't-bolt', 'ADMIN', now());
INSERT INTO "Invoice" ("id", "tenantId", "number", "amount", "memo") VALUES ('i-bolt-9', 't-bolt', 'INV-000077', 50, 'zqbolt memo');
"#;
