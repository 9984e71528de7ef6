//! Leaks that real teams shipped, which the docs of attacks and faults cite by id.
//!
//! They come from public advisories, issue threads and merged fixes as read in November 2026, and were not reproduced
//! here. Numbers after a name are GitHub issues or pull requests. Kinds: read, write, existence (one learns that
//! something is there), aggregate (a number tells of others' data), block (one tenant stops another).

/// A leak that a real team shipped.
#[derive(Debug, Clone, Copy)]
pub struct RealLeak {
    /// As docs cite it: `RL-01`.
    pub id: &'static str,
    /// The one wrong decision, in a sentence.
    pub decision: &'static str,
    /// What hides it from a naive test, or empty where nothing is known.
    pub hides: &'static str,
    /// Where it was told of: product, advisory, issue.
    pub source: &'static str,
}

/// All of them, in order.
pub static REAL_LEAKS: &[RealLeak] = &[
    RealLeak {
        id: "RL-01",
        decision: "It checks membership of the workspace in the URL, and then fetches the object \
            by nothing but its global UUID.",
        hides: "A path that names a foreign workspace gets a refusal, and that is what one tests \
            first.",
        source: "PraisonAI Platform, CVE-2026-47399; kind: read and write (advisory or vendor's \
            report)",
    },
    RealLeak {
        id: "RL-02",
        decision: "The role is checked within the caller's own organisation; the store looks \
            rows up by `id` only, though each has an `org_id`.",
        hides: "Tests of roles all pass; it takes one's own organisation together with the id of \
            a foreign row.",
        source: "SigNoz, GHSA-h37r-3qfp-73w6 (issue 11830); kind: read and write (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-03",
        decision: "It asks whether the caller has the right `project.read`, and never whether \
            the project belongs to the organisation that granted it.",
        hides: "A genuine token of low privilege suffices; one without the right gets 403.",
        source: "ZITADEL, CVE-2026-32131; kind: read (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-04",
        decision: "A guard of the form `if (mine && row.tenant !== mine) deny` lets a caller \
            through whose own tenant is null.",
        hides: "Only an API key or a user without a home organisation gets past; everyone else \
            is stopped.",
        source: "open-mercato 2695 (read), 2239 (write); kind: read and write (public issue or \
            fix)",
    },
    RealLeak {
        id: "RL-05",
        decision: "It counts on the tenant filter of the ORM, though that one covers queries and \
            no fetch by primary key.",
        hides: "Lists and searches stay inside the tenant; `find(id)` alone goes outside.",
        source: "generator-jhipster-multitenancy 7 (Hibernate `@Filter`); kind: read (public \
            issue or fix)",
    },
    RealLeak {
        id: "RL-06",
        decision: "For a type without a registered hook of its own, `node(id)` makes do with an \
            ordinary load.",
        hides: "A single field leaked 14 types and kept the others safe.",
        source: "OpenContracts 2139 (review); kind: read (review remark or known hazard)",
    },
    RealLeak {
        id: "RL-07",
        decision: "The query adds 'unprotected' rows by `.orWhere(key IS NULL)`, which stands \
            outside the AND with the tenant.",
        hides: "There is no leak before another tenant has a row of that sort.",
        source: "Flowise, GHSA-c2c9-mfw7-p8hw; 'Apr 18 cross-org call data leak' report; kind: \
            read (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-08",
        decision: "A missing tenant is taken for no filter at all: `available ? q : \
            q.ignoreFilters()`, an undefined value, an empty list.",
        hides: "It needs an account that has no tenant, and the CRUD path next to it fails closed.",
        source: "granit-dotnet 2897, paySphere 1917, open-mercato 3841; kind: read (public issue \
            or fix)",
    },
    RealLeak {
        id: "RL-09",
        decision: "The tenant's term is joined to each predicate that the caller sends, so that \
            a query with no `where` goes without the term.",
        hides: "Any list with a filter is correct; the unfiltered list alone leaks.",
        source: "JasperFx/fisher 51; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-10",
        decision: "The tenant's filter goes to the external store in a shape (a wrapped `and`) \
            that the store disregards without an error.",
        hides: "Anyone who reads the code sees a filter; the first fix kept the hole, as \
            production showed.",
        source: "diggerhq/opencomputer 245; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-11",
        decision: "`?include=` fetches related rows by the foreign key and nothing else.",
        hides: "The parent is kept to its tenant, and a child from beyond the boundary is \
            delivered with it.",
        source: "hono-crud 75; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-12",
        decision: "Vector search writes SQL of its own, which has the filter for soft deletion \
            and lacks the one for the tenant.",
        hides: "In that library the usual query path does have the tenant's scope.",
        source: "JasperFx/fisher 285, marten 5427; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-13",
        decision: "After `requireOrgAdmin(URL org)` it calls `deleteMember(id)`, which is not \
            told the organisation.",
        hides: "The guard for the last admin holds up a naive test; everyone else can be \
            removed, and agents are reassigned.",
        source: "first-tree 964; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-14",
        decision: "GET has a tenant filter, and PATCH on the same resource has none.",
        hides: "That reads are clean is no proof, and the write is answered with an empty success.",
        source: "Dify 34456; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-15",
        decision: "It makes sure that the parent is the tenant's, and then deletes a child by \
            whatever id the form holds.",
        hides: "The child's table has no column for the tenant, which is known through the \
            parent only.",
        source: "Shelf 2895; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-16",
        decision: "The organisation is resolved, handed on or loaded so as to be checked, and no \
            comparison with it follows.",
        hides: "Reviewers see the right call, and `WHERE id = $1` stands two layers below.",
        source: "juspay/airborne 375, opena2a 190, cal.diy 29957; kind: write (public issue or \
            fix)",
    },
    RealLeak {
        id: "RL-17",
        decision: "The right to write is asked of the repository or organisation in the path, \
            and the child object is changed by its own id.",
        hides: "It needs two owners with an object each, and nothing that the attacker reads \
            shows what was deleted.",
        source: "Gitea, CVE-2026-20750, CVE-2026-20897; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-18",
        decision: "For a caller from another organisation, to know a *view* key counts as a \
            right to delete.",
        hides: "For callers from the owner's organisation the permission check does its work.",
        source: "Grafana, CVE-2024-1313; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-19",
        decision: "Rows that predate the migration carry `org_id = 0` and belong to everyone, \
            for reading and for deleting.",
        hides: "New data shows nothing; it takes a legacy row, or one whose backfill went wrong.",
        source: "Grafana, CVE-2026-21727; kind: read and write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-20",
        decision: "With implicit route binding any user is loaded, and the policy only asks \
            whether the caller owns some company or other.",
        hides: "Scoped models next to it make the router seem safe; the victim's account is \
            moved as well.",
        source: "InvoiceShelf, CVE-2026-55610; kind: read and write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-21",
        decision: "Every policy was 'temporarily' set to allow, and in three components a lookup \
            by UUID lacks the team scope that others still have.",
        hides: "Most routes are still protected, by the query that they make themselves.",
        source: "Coolify, CVE-2026-48742; kind: read and write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-22",
        decision: "An admin may change any membership that a third party's API finds by id, \
            under a key that is valid for the whole account.",
        hides: "The admin is one's own organisation's, and no local table takes part: it is the \
            vendor's API that goes across tenants.",
        source: "Unkey 6524 (WorkOS); kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-23",
        decision: "The layer that adds the scope covers reads, and `update`, `updateMany`, \
            `upsert` and delete-by-stub run past it.",
        hides: "To load and then save is safe, so that reviews find nothing; it was latent in \
            both products.",
        source: "customermates 69 (Prisma), dotnet/efcore 24122; kind: write (review remark or \
            known hazard)",
    },
    RealLeak {
        id: "RL-24",
        decision: "Saving an edit puts the caller's tenant on the row and does not ask whose row \
            it was.",
        hides: "The victim's draft changes hands, while the attacker sees a normal success.",
        source: "Acronis partner portal, MindMatrix SecurityTracker 192; kind: write (public \
            issue or fix)",
    },
    RealLeak {
        id: "RL-25",
        decision: "The tenant plugin protects the WHERE and allows `tenant_id` in the SET.",
        hides: "No row of another's is touched: a row of one's own appears in the victim's tenant.",
        source: "jshERP 151; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-26",
        decision: "The user entity is filled from the request body, and a tenant id of 0 stands \
            for 'no filter'.",
        hides: "It takes two steps: to set the id on a sub-user, and then to log in as that one.",
        source: "jshERP 165; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-27",
        decision: "An update merges the body, so that `workspaceId` or `team_id` may change \
            although nobody checked for a right to move.",
        hides: "Documented fields act as they should; the additional one stands in no schema.",
        source: "Flowise, CVE-2026-42863; Mattermost, CVE-2026-4286; kind: write (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-28",
        decision: "Create hands the body to `save(body)`, where an `id` sent along makes the \
            insert an update, whoever owns the row.",
        hides: "A POST overwrites another's object and answers 201.",
        source: "Flowise, CVE-2026-41277; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-29",
        decision: "The right to edit the user is checked in the present organisation, and not in \
            the one that the user is moved to.",
        hides: "The target is looked at only where `roles` is part of the same request.",
        source: "open-mercato 5176; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-30",
        decision: "The right is shown for one organisation (that of the path, or any team), and \
            the target id in path or body is another's.",
        hides: "The caller really has the right somewhere, so that tests of roles pass.",
        source: "Mattermost, CVE-2026-4055; willdady/platypus 162; kind: write (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-31",
        decision: "Insert takes foreign keys that point into other tenants, though update and \
            delete are checked.",
        hides: "The row referred to exists, so that the database has no objection.",
        source: "idempiere-rest 42; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-32",
        decision: "Opening a conversation accepts any `customer_id` and gives that customer \
            another e-mail alias.",
        hides: "What looks like a create at home also writes in another tenant.",
        source: "FreeScout, CVE-2026-40591; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-33",
        decision: "The bulk endpoint does not check ownership, though each of its single-object \
            twins does.",
        hides: "One file has 0 such calls and the other 8, and tests go by the single route.",
        source: "bindery 947; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-34",
        decision: "Aggregate, search, export and bulk-patch go without the tenant scope that \
            list has.",
        hides: "Everybody tests list, and list has the scope.",
        source: "hono-crud 84; kind: read, write and aggregate (public issue or fix)",
    },
    RealLeak {
        id: "RL-35",
        decision: "When no tenant header is sent, bulk actions use the `tenant_id` of the payload.",
        hides: "While the header is there, all is as it should be; one has to omit it.",
        source: "orch8 engine 155 (Rust); kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-36",
        decision: "A 'replace all' import deletes with no term for the tenant, and believes the \
            `tenant_id` in the CSV.",
        hides: "It is correct for as long as the test database holds a single tenant.",
        source: "hackforla/food-oasis 902; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-37",
        decision: "Import looks up parents or applications by ids from the file and leaves the \
            tenant out.",
        hides: "The ids are buried in the file; what is accepted at first fails or shows later.",
        source: "FusionAuth 915, crbnos/carbon 1260 (review); kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-38",
        decision: "`if (userId) checkMembership()` decides, and a request with an API key has no \
            user id.",
        hides: "The same request made with a session token gets 403.",
        source: "ShellHub, CVE-2026-44426; kind: read (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-39",
        decision: "Once the caller is known to be logged in, it issues a token for whichever \
            agent is asked for, and that names the victim's company.",
        hides: "Each later check passes, as the token is a real one.",
        source: "Paperclip, GHSA-47wq-cj9q-wpmp; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-40",
        decision: "An organisation's API token is accepted on its own secret, with no second \
            look at its creator's membership.",
        hides: "One has to remove the member first and then use the token.",
        source: "opencve 741, gpustack 5491; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-41",
        decision: "Leaving the team does not end grants and entries on side lists (playbook \
            rights, notifications, stopwatches).",
        hides: "It needs a past: to join, be given something, be removed, and come back.",
        source: "Mattermost, CVE-2023-6547; Gitea, CVE-2026-20800 and 20883; kind: read and \
            write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-42",
        decision: "`switchOrganization` gives out a token for whichever organisation id it is \
            sent.",
        hides: "The id has to exist, since it is loaded, and that passes for a check.",
        source: "SprocketBot 353 (review); kind: read and write (review remark or known hazard)",
    },
    RealLeak {
        id: "RL-43",
        decision: "SSO searches all organisations for the user's e-mail address and believes the \
            organisation's own identity provider.",
        hides: "Each organisation's admin sets that provider up, so that any customer can be the \
            attacker.",
        source: "tale 3131, lago-api 6143, boxyhq 2577; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-44",
        decision: "Whoever presents an invitation may redeem it, or ordinary members get to see \
            its link.",
        hides: "The link is in order, and the person who holds it is the wrong one.",
        source: "Coolify, CVE-2025-64423; MeetOnMemory 796 (review); kind: write (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-45",
        decision: "It believes `X-Tenant-ID` and never checks it against the caller's memberships.",
        hides: "The front end sends the correct one every time.",
        source: "Cor-Incorporated/Grift 354; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-46",
        decision: "The tenant comes from the Host and the user from the token, and nothing sets \
            one against the other.",
        hides: "Each of the two is validated, but by itself.",
        source: "isucon12-qualify 73, django-rest-framework-jwt 186; kind: read and write \
            (public issue or fix)",
    },
    RealLeak {
        id: "RL-47",
        decision: "An internal header that claims a sub-request makes the framework leave out \
            middleware.",
        hides: "Authorisation was all in middleware, and handlers took it for granted that it \
            had been run.",
        source: "Next.js, CVE-2025-29927; kind: read and write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-48",
        decision: "The cache key has no tenant in it: only the parent object knows the tenant, \
            or the key is simply `all_items`.",
        hides: "Two tenants have to ask for the same thing; one also pushes the other's entry out.",
        source: "backblaze genblaze 68, Stockpile 143; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-49",
        decision: "The validation of an API key is cached under the raw key, although a header \
            names the tenant.",
        hides: "At first the database refuses; once the cache is warm, the only place that binds \
            key to tenant is passed over.",
        source: "stellar-disbursement-platform 1142; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-50",
        decision: "Data loaders are created once for each worker, and their cache goes by id.",
        hides: "A permission check within the loader is run for whoever calls first, and not \
            again.",
        source: "lablup/backend.ai 12020; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-51",
        decision: "The store of replays goes by the client's idempotency key exactly as it was \
            sent.",
        hides: "Two tenants must send the same key: then B gets the result stored for A, or A's \
            request is turned away.",
        source: "nestjs-agentic 126, Yuzu 3586; kind: read and block (public issue or fix)",
    },
    RealLeak {
        id: "RL-52",
        decision: "The model that the ORM caches has a filter with the first tenant's id fixed \
            inside.",
        hides: "After a restart the first to come is served correctly, and so is every test with \
            one tenant.",
        source: "Finbuckle 31, EntityFramework-Plus 462; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-53",
        decision: "A cache placed in front stores answers meant for one user and does not look \
            at who asks.",
        hides: "The origin makes no mistake; two users have to come through one cache.",
        source: "Steam 25 Dec 2015, Klarna 27 May 2021 (vendors); kind: read (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-54",
        decision: "The image optimiser goes by the URL when it caches what the route behind it \
            varied by Cookie.",
        hides: "Another cache was configured, and this one stands behind it.",
        source: "Next.js, CVE-2025-57752; kind: read (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-55",
        decision: "A cancelled request returns its connection to the pool with an answer in it \
            that nobody has read.",
        hides: "Every answer after it is off by one; it takes a cancellation after sending and \
            before receiving.",
        source: "redis-py 2624; ChatGPT, 20 March 2023; kind: read (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-56",
        decision: "`SET search_path` is meant for the session, but the pooler works per \
            transaction, so that the latest SET holds for all.",
        hides: "There is no error and the rows look plausible; a single client sees the right \
            ones.",
        source: "rails-on-services/apartment 470; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-57",
        decision: "A new thread gets a pooled connection that carries another's tenant, or it \
            has no tenant and leaves the clause out.",
        hides: "Only code that streams or runs in parallel shows it.",
        source: "influitive/apartment 186, activerecord-multi-tenant 255; kind: read and write \
            (public issue or fix)",
    },
    RealLeak {
        id: "RL-58",
        decision: "At the end of a request the context is cleared if the path gave it, and kept \
            if a header or the host did.",
        hides: "It is inherited by the next request on the thread, if that one names no tenant.",
        source: "apicurio-registry 1912; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-59",
        decision: "Session state is put where a new background thread uses it for more than one \
            request.",
        hides: "It came from a change for speed elsewhere, and hit a few sessions over weeks.",
        source: "GitHub, 8 March 2021, vendor's report; kind: read and write (advisory or \
            vendor's report)",
    },
    RealLeak {
        id: "RL-60",
        decision: "Generated tables can be reached with the public key, and have no policies or \
            only ones for reading.",
        hides: "The interface filters, and so the product seems to be in order.",
        source: "Lovable projects, CVE-2025-48757; kind: read and write (advisory or vendor's \
            report)",
    },
    RealLeak {
        id: "RL-61",
        decision: "A move checks its policy against the row as it was and not as it is going to \
            be.",
        hides: "The object is one's own and may be touched; nobody looks at where it goes.",
        source: "supabase/storage 400; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-62",
        decision: "The dashboard counts over all tenants, though the lists under it are filtered.",
        hides: "Nobody owns a number, so that it carries no canary.",
        source: "cabolabs-ehrserver 201, LeadOrbit 651; kind: aggregate (public issue or fix)",
    },
    RealLeak {
        id: "RL-63",
        decision: "The server process keeps a gauge, of connected clients, and every \
            organisation is shown it.",
        hides: "A review of queries misses it, since it is no query.",
        source: "velociraptor 2056; kind: aggregate (public issue or fix)",
    },
    RealLeak {
        id: "RL-64",
        decision: "A running number that users see is counted over more than the viewer may see.",
        hides: "The gaps in it tell the volume of the others.",
        source: "polar 7387, killbill 1958 (design issues); kind: aggregate (review remark or \
            known hazard)",
    },
    RealLeak {
        id: "RL-65",
        decision: "E-mail addresses, names or codes have to be unique, and the rule leaves out \
            the tenant.",
        hides: "No read shows the value, yet it gets 409 in place of 201; whoever takes it first \
            blocks its rightful tenant.",
        source: "open-mercato 2934, objectstack 8323; kind: existence and block (public issue or \
            fix)",
    },
    RealLeak {
        id: "RL-66",
        decision: "It loads by id and compares the organisation only then, so that a foreign id \
            gets 403 and a missing one 404.",
        hides: "Both are refusals, and it is the difference between them, or in their time, that \
            tells.",
        source: "Sentry 104980, 104981; open-mercato 1428; kind: existence (public issue or fix)",
    },
    RealLeak {
        id: "RL-67",
        decision: "A filter by a relation runs its EXISTS with the tenant's term left out.",
        hides: "The rows returned are one's own; how many they are answers guesses about others' \
            rows.",
        source: "gofastr 210, directus v8-archive 667; kind: aggregate and existence (public \
            issue or fix)",
    },
    RealLeak {
        id: "RL-68",
        decision: "One string serves all organisations as the bucket of the rate limit.",
        hides: "By itself no organisation reaches the limit.",
        source: "ay-framework 371; kind: block (public issue or fix)",
    },
    RealLeak {
        id: "RL-69",
        decision: "It signs a URL for whoever owns *a record* of the same path, and callers may \
            write such records as they like.",
        hides: "There is a check, but against data that the attacker made.",
        source: "FinSight-AI 226; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-70",
        decision: "A URL with `/api/files/serve/` anywhere in it is taken as internal and spared \
            the access check.",
        hides: "The way in is a workflow's file input, and not the file route.",
        source: "simstudioai/sim 5049; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-71",
        decision: "Every export goes to a temporary file of one and the same name.",
        hides: "Two exports have to run at once, and then the second user gets the file of the \
            first.",
        source: "yii2-export 251; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-72",
        decision: "The folder for exports takes the tenant's name, and stays when the tenant goes.",
        hides: "One has to delete a tenant, create another under that name, and export.",
        source: "samvera/bulkrax 1084; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-73",
        decision: "Whatever key the client asks for, the server signs the upload.",
        hides: "Neither side hears of the overwrite, and the file has a new owner.",
        source: "dartway 191; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-74",
        decision: "Authentication happens in the handshake, and SUBSCRIBE then accepts any name \
            of a channel or database.",
        hides: "HTTP routes to the same data are protected; to join may also bring a replay of \
            history.",
        source: "ArcadeDB 5021, Atlas-Workforce-System 196; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-75",
        decision: "`socket.join(channel)` is reached even after a failed check.",
        hides: "An error message arrives at the client, followed by the events.",
        source: "modelence 143; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-76",
        decision: "Fan-out picks webhook subscriptions by the type of object and leaves the \
            tenant out.",
        hides: "The tenant is stored with the subscription, and dispatch never looks at it.",
        source: "formbricks/hub 58, objectstack 13566; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-77",
        decision: "An automation rule keeps any `webhookId` it is given, and later the \
            dispatcher runs it without a question.",
        hides: "It is of second order: it is accepted at first, and the next event brings the \
            leak.",
        source: "MeetOnMemory 1674; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-78",
        decision: "All tenants share one provider secret, so that a genuine delivery passes \
            verification at any tenant's inbox.",
        hides: "The signature is valid and the addressee is wrong; deliveries without \
            verification were accepted, too.",
        source: "agentic-org 1354; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-79",
        decision: "The rule id in a chat callback is looked up without regard to the \
            organisation that owns the message.",
        hides: "A vendor had sent the payload back, and so it seemed worthy of trust.",
        source: "Sentry 121023; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-80",
        decision: "A job runs under the worker's tenant, as its thread still has the previous \
            one or the queue loses the context.",
        hides: "The request made no mistake, nor does the job that runs first after a start.",
        source: "acts_as_tenant 126, elsa-core 7961; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-81",
        decision: "The worker goes round RLS and loads what the ids in the job's parameters name.",
        hides: "RLS holds the API in front, which for that reason hands a foreign id on without \
            reading it.",
        source: "sanskarpan/orpheus 534; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-82",
        decision: "The client's cache keys do not contain the organisation.",
        hides: "The server filters correctly; until a reload, the screen has the secrets of the \
            former organisation.",
        source: "OpenHands 13459; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-83",
        decision: "The query cache is saved and, after a switch, restored as fresh without limit.",
        hides: "A reload shows the former organisation again; emptying the cache is a race that \
            its writer wins.",
        source: "derive 404; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-84",
        decision: "The server keeps one active organisation per user, for all of that user's \
            tabs and devices.",
        hides: "A write lands in the other tab's organisation, under the name that this tab shows.",
        source: "decocms/studio 3250, munin 856; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-85",
        decision: "Workspace ids are kept in local storage, which is one for all tabs.",
        hides: "A plan begun in tab A was run in the workspace of tab B.",
        source: "terrakube 1266; kind: write (public issue or fix)",
    },
    RealLeak {
        id: "RL-86",
        decision: "Rendering on the server writes to a store at module level.",
        hides: "The HTML that the next visitor gets shows it, and nothing else does, until \
            hydration puts it right.",
        source: "svelte-persisted-store 306; kind: read (public issue or fix)",
    },
    RealLeak {
        id: "RL-87",
        decision: "`require_admin` names no organisation, so that one tenant's admin gets at the \
            users, or the error logs, of all.",
        hides: "Two roles go by the one word 'admin'.",
        source: "Cogtrix 321, praxiszeit 127; kind: read and write (public issue or fix)",
    },
    RealLeak {
        id: "RL-88",
        decision: "The fix gives six admin endpoints a scope and overlooks two others of the \
            same pattern.",
        hides: "The fix has tests, and the neighbours that have none stay open.",
        source: "Cogtrix 1536 (review); kind: read (review remark or known hazard)",
    },
    RealLeak {
        id: "RL-89",
        decision: "`check_id` is all that finds the monitoring check to be rewritten.",
        hides: "It is a tool for operators, so that nobody tests whether it keeps tenants apart.",
        source: "Roxy-WI, CVE-2026-45550; kind: write (advisory or vendor's report)",
    },
    RealLeak {
        id: "RL-90",
        decision: "When impersonation ends the cookie is swapped, and the server goes on \
            accepting the session.",
        hides: "The interface looks as it did before.",
        source: "accounts-js 1096; kind: read and write (public issue or fix)",
    },
];

#[cfg(test)]
mod tests {
    use super::REAL_LEAKS;

    #[test]
    fn ids_are_unique_and_in_order_and_only_hides_may_be_empty() {
        assert!(!REAL_LEAKS.is_empty());
        for (leak, number) in REAL_LEAKS.iter().zip(1..) {
            assert_eq!(leak.id, format!("RL-{number:02}"));
            assert!(!leak.decision.is_empty(), "{}: decision", leak.id);
            assert!(!leak.source.is_empty(), "{}: source", leak.id);
        }
    }
}
