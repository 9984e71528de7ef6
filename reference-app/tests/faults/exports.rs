//! How each fault of the files that leave is driven (the form that it is about leaks, the others do not), and of what imports
//! refused.
use reference_app::faults::Fault;

use super::{World, support::seed::MARK};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    Some(match fault {
        Fault::ZipExportIgnoresTenant => {
            only(world, "compliance-records", "zip", "compliance-records.csv").await
        }
        Fault::XlsxExportIgnoresTenant => {
            only(world, "invoices", "xlsx", "xl/sharedStrings.xml").await
        }
        Fault::QuarantineIgnoresTenant => {
            world
                .leaks("GET /api/admin/uploads/quarantine?sort=line")
                .await
        }
        Fault::DiscardIgnoresTenant => {
            let line = "DELETE /api/admin/uploads/quarantine/q-bolt-2";
            world.app.call(&world.attacker, line).await;
            world.settle().await;
            let left = r#"SELECT count(*) FROM "QuarantinedRow" WHERE "id" = 'q-bolt-2'"#;
            world.app.sql(left).await == "0"
        }
        _ => return None,
    })
}

/// Whether the attacker's export holds a word of the victim's in that form, in that file of it, and in no other form.
async fn only(world: &World, resource: &str, format: &str, file: &str) -> bool {
    let mut leaking = Vec::new();
    for asked in ["csv", "zip", "xlsx"] {
        let line = format!("GET /api/admin/{resource}/export?format={asked}");
        let answer = world.app.call(&world.attacker, &line).await;
        assert_eq!(answer.status, 200, "{line}");
        let files = match asked {
            "csv" => vec![(String::new(), answer.body)],
            _ => answer.files(),
        };
        let marked = files.into_iter().filter(|(_, text)| text.contains(MARK));
        leaking.extend(marked.map(|(name, _)| (asked, name)));
    }
    leaking == [(format, file.to_owned())]
}
