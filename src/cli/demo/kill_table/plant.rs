//! What is planted for a row of the kill table, where, and how the application is described for it.

use reference_app::faults::{FAULTS, FaultEntry, Setup, shortest_history};
use reference_app::quirks::{QUIRKS, QuirkEntry};

use crate::cli::demo::{Demo, in_browser};
use crate::settings::Budget;
use crate::target::description::Description;

/// Stands for no fault and no quirk.
pub(super) const NOTHING: &str = "nothing";

/// Stands for all quirks together.
const ALL_QUIRKS: &str = "all-quirks";

/// Routes on which a fault of what stands before all handlers is tried, and quirks, which slow an application down.
const SAMPLE: &[&str] = &[
    "GET /api/admin/services",
    "GET /api/admin/services/{id}",
    "PATCH /api/admin/services/{id}",
    "GET /api/admin/bookings",
    "POST /api/admin/tasks",
    "GET /api/admin/stats/counts",
    "GET /api/portal/services",
];

/// Routes on which nothing may be found where nothing is planted: reads, writes, nested and bulk ones of several resources.
const CLEAN: &[&str] = &[
    "* /api/admin/services*",
    "* /api/admin/tasks*",
    "* /api/portal/bookings*",
    "GET /api/admin/invoices*",
    "GET /api/admin/stats/*",
    "GET /api/tenants",
    "POST /api/auth/login",
];

/// How many sequences a fault that only a history shows is to be found by, on its own routes.
const HISTORIES: usize = 400;

/// How many sequences may find nothing where nothing is planted.
const CLEAN_SEQUENCES: usize = 100;

/// A key pair for the fault that needs one. It signs nothing outside tests.
const KEYS: [(&str, &str); 2] = [
    (
        "JWT_PRIVATE_KEY",
        include_str!("../../../../reference-app/tests/support/keys/private.pem"),
    ),
    (
        "JWT_PUBLIC_KEY",
        include_str!("../../../../reference-app/tests/support/keys/public.pem"),
    ),
];

/// What is planted for one row.
pub(super) enum Plant {
    Fault(&'static FaultEntry),
    Quirk(&'static QuirkEntry),
    AllQuirks,
    Nothing,
}

impl Plant {
    /// Every row, in order.
    pub(super) fn all() -> Vec<Self> {
        let faults = FAULTS.iter().map(Self::Fault);
        let quirks = QUIRKS.iter().map(Self::Quirk);
        let rest = [Self::AllQuirks, Self::Nothing];
        faults.chain(quirks).chain(rest).collect()
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Fault(entry) => entry.name,
            Self::Quirk(entry) => entry.name,
            Self::AllQuirks => ALL_QUIRKS,
            Self::Nothing => NOTHING,
        }
    }

    /// A fault that one call shows is the sweep's to find; one that only a history shows, explore's.
    pub(super) fn budget(&self) -> Budget {
        Budget::Sequences(match self {
            Self::Fault(entry) if shortest_history(entry.fault).is_some() => HISTORIES,
            Self::Fault(_) => 0,
            Self::Quirk(_) | Self::AllQuirks | Self::Nothing => CLEAN_SEQUENCES,
        })
    }

    pub(super) fn demo(&self) -> Demo {
        let name = |name: &str| vec![name.to_owned()];
        let (fault, quirk) = match self {
            Self::Fault(entry) => (name(entry.name), Vec::new()),
            Self::Quirk(entry) => (Vec::new(), name(entry.name)),
            Self::AllQuirks => (Vec::new(), name("all")),
            Self::Nothing => (Vec::new(), Vec::new()),
        };
        Demo {
            fault,
            quirk,
            browser: matches!(self, Self::Nothing),
            ..Demo::default()
        }
    }

    pub(super) fn routes(&self) -> &'static [&'static str] {
        let routes = match self {
            // Pages are no routes of the API: a sample of those shows that there is nothing else.
            Self::Fault(entry) if in_browser(entry) => &["GET /api/admin/services"],
            Self::Fault(entry) => entry.routes,
            Self::Quirk(entry) => entry.routes,
            Self::AllQuirks => SAMPLE,
            Self::Nothing => CLEAN,
        };
        match routes {
            [] | ["*"] => SAMPLE,
            ["*", some @ ..] => some,
            its => its,
        }
    }

    /// Describes the application as it is set up for the row.
    pub(super) fn describe(&self, description: &mut Description) {
        // One target alone, so that the count of calls until something is seen is the same each time.
        description.limits.workers = Some(1);
        let refuses = match self {
            Self::Quirk(entry) => entry.name.starts_with("refuses-"),
            Self::AllQuirks => true,
            Self::Fault(_) | Self::Nothing => false,
        };
        if refuses {
            // Whoever refuses otherwise makes another promise.
            description
                .expect
                .retain(|attack, _| !attack.starts_with("id."));
        }
        let Self::Fault(entry) = self else {
            return;
        };
        let env = &mut description.target.env;
        match entry.fault.setup() {
            Setup::Usual => {}
            Setup::TenantHeader => {
                env.insert("REFERENCE_APP_TENANT_HEADER".into(), "x-firm".into());
                description.tenant.address = Some("header:X-Firm={slug}".into());
            }
            Setup::ParentDomain => {
                env.insert("BASE_DOMAIN".into(), "firms.localhost".into());
                description.tenant.address = Some("http://{slug}.firms.localhost:{port}".into());
                for step in &mut description.seed.create_tenant {
                    step.call = step.call.replace("//localhost:", "//firms.localhost:");
                }
                if let Some(browser) = &mut description.browser {
                    browser.shared = Some("http://firms.localhost:{port}".into());
                }
            }
            Setup::KeyPair => {
                env.extend(KEYS.map(|(name, key)| (name.into(), key.into())));
                for login in &mut description.login {
                    login.signing = None;
                    login.public_key = Some(KEYS[1].1.into());
                }
            }
        }
    }
}
