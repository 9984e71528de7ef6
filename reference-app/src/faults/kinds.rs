//! The faults, each one a single wrong decision where a real team made it (ids as in the collection of real leaks).

/// A defect that can be switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Fetch by primary key runs without the tenant, lists are clean (RL-05).
    GetIgnoresTenant,
    /// Pages after the first are read by another query, which forgot the tenant (RL-34).
    SecondPageIgnoresTenant,
    /// The search words are joined by OR outside the tenant's AND (RL-07).
    SearchEscapesTenant,
    /// The list is scoped, its total counts every tenant's rows (RL-62).
    CountIgnoresTenant,
    /// The CSV export did not inherit the scope that the list has (RL-34).
    ExportIgnoresTenant,
    /// The ZIP export, which is for the archive, has a query of its own, and that one forgot the tenant (RL-34).
    ZipExportIgnoresTenant,
    /// Every form of the export was scoped but the workbook, which came last (RL-88).
    XlsxExportIgnoresTenant,
    /// What imports refused is for staff alone, so that nobody asks for whose staff (RL-87).
    QuarantineIgnoresTenant,
    /// The quarantine is listed a firm, a row of it is discarded by its id alone, by whoever has it (RL-89).
    DiscardIgnoresTenant,
    /// Include=client joins users by e-mail alone; e-mails repeat across tenants (RL-11).
    IncludeByEmail,
    /// Nested comments are loaded by the parent's id; the parent's tenant is never compared (RL-01).
    CommentsByParentAlone,
    /// Own parent is verified, then the child is loaded by its id alone (RL-01).
    AttachmentByIdAlone,
    /// Download by storage key asks for a log-in, not for the owner (RL-02).
    FileByKeyAlone,
    /// The refusal of a foreign service prints that service's name (RL-66).
    ErrorNamesForeignRow,
    /// The detail cache is keyed by path: cold it refuses, after the owner's call it answers (RL-48).
    DetailCacheLacksTenant,
    /// The catalogue cache is keyed by path and query, without the tenant (RL-48).
    CatalogueCacheLacksTenant,
    /// ?tenantId= replaces the context's tenant, which was meant for operators (RL-45).
    TenantQueryOverrides,
    /// The calendar of one colleague is read by staffId alone (RL-16).
    CalendarByStaffAlone,
    /// The drop-down of categories is DISTINCT over all tenants (RL-34).
    CategoriesIgnoreTenant,
    /// The dashboard's best clients are computed over all tenants (RL-62).
    TopClientsIgnoreTenant,
    /// Clone copies its source by id alone: a foreign row's content turns into an own row (RL-16).
    CloneReadsAnyService,
    /// Stored answers are found by the client's key alone (RL-51).
    IdempotencyKeyShared,
    /// The monthly series sums every tenant's bookings (RL-62).
    SeriesIgnoresTenant,
    /// One counter of the dashboard, the urgent ones, was written by hand without the tenant (RL-62).
    UrgentCountIgnoresTenant,
    /// The next invoice number counts all tenants' invoices (RL-64).
    RunningNumberCountsAll,
    /// The cursor of a feed holds the tenant, and the next page is read for that one.
    CursorCarriesTenant,
    /// The feed's first page is scoped, the query for what comes after a cursor is not (RL-34).
    NextPageIgnoresTenant,
    /// An export is handed out by its file's name, which begins with whatever firm's slug (RL-72).
    ExportByNameAlone,
    /// What was deleted can be had back for a moment, by its id alone (RL-48).
    DeletedKeptById,
    /// Whoever saves a task that was deleted a moment ago brings it back, as its old owner's (RL-28).
    DeletedComesBack,
    /// The receipt, three fields of a payment, is read by the payment's id alone (RL-02).
    ReceiptByIdAlone,
    /// Loads by number first and compares the tenant afterwards: 403 for foreign, 404 for missing (RL-66).
    NumberLookupTellsForeign,
    /// Same status, another sentence for an entry that exists elsewhere (integer ids) (RL-66).
    HealthLogTellsForeign,
    /// Only DELETE looks the row up without the tenant: 409 for foreign, 404 for missing (integer ids) (RL-66).
    DeleteTellsForeign,
    /// The slug check asks all tenants (RL-65).
    SlugCheckIgnoresTenant,
    /// A post's slug must be unique among all tenants: whoever comes first blocks the others (RL-65).
    SlugUniqueAcrossTenants,
    /// GET filters by tenant, PATCH of the same resource does not (RL-14).
    PatchIgnoresTenant,
    /// Deletes by id alone, then answers 404 because the scoped re-read finds nothing (RL-23).
    DeleteIgnoresTenant,
    /// Updates by id alone and commits, then fails with 500 when it loads the row in scope (RL-23).
    ErrorKeepsWrite,
    /// The action resolves the tenant and never compares it with the booking's (RL-16).
    CancelIgnoresTenant,
    /// Moves any booking; its reply is an empty success (RL-14).
    RescheduleIgnoresTenant,
    /// Saving stamps the row with the caller's tenant without asking whose it was: the post moves (RL-24).
    PublishStampsTenant,
    /// PUT updates the row whose id the body names, not the tenant's (RL-30).
    SettingsByBodyId,
    /// The update matches the tenant's row OR the one without a tenant, everybody's default (RL-19).
    SettingsTouchDefault,
    /// One of two settings forms saves by the row's id alone (RL-88).
    IntegrationByIdAlone,
    /// An admin of one tenant deletes any user: admin is one word for two roles (RL-87).
    UserDeleteIgnoresTenant,
    /// The rare action 'require a new password' loads any user (RL-20).
    ResetFlagIgnoresTenant,
    /// Admin of the own tenant is required, then the membership is changed by its id (RL-13).
    MembershipByIdAlone,
    /// A tenantId in the body of a create wins over the context (RL-27).
    CreateAcceptsTenant,
    /// The guard is on the WHERE, tenantId may stand in the SET: an own row turns up elsewhere (RL-25).
    PatchAcceptsTenant,
    /// A supplied id turns the insert into an update of anybody's row (RL-28).
    CreateOverwritesById,
    /// The parent is loaded by id alone, and the comment takes the parent's tenant (RL-30).
    CommentOnForeignParent,
    /// Own parent is verified, then the child is deleted by its id alone (RL-15).
    NestedDeleteByIdAlone,
    /// A create at home notes the phone number at every user with that e-mail (RL-32).
    BookingTouchesClientByEmail,
    /// A bulk update without a tenant filter is run as it is (RL-33).
    BulkWithoutFilter,
    /// A filter with a status counts as a filter: the tenant is not added (RL-34).
    BulkStatusOnly,
    /// The tenant filter must be there, whose tenant it names is not asked (RL-35).
    BulkTrustsTenantFilter,
    /// The bulk twin updates by ids alone (RL-33).
    BulkMixedIds,
    /// Only the first id of the list is checked (RL-16).
    BulkChecksFirstId,
    /// An empty list of ids drops the whole WHERE (RL-08).
    BulkEmptyMeansAll,
    /// An import takes tenantId from its rows (RL-36).
    ImportTrustsTenantColumn,
    /// An import resolves ids in its rows without the tenant (RL-37).
    ImportTrustsRequestId,
    /// Insert accepts an assignee of another tenant; update is checked (RL-31).
    CreateTrustsAssignee,
    /// Update accepts a service request of another tenant; insert is checked (RL-31).
    PatchTrustsRequest,
    /// Ids in an array have no foreign key, and nobody looks them up (RL-77).
    WatchersUnchecked,
    /// The context believes x-tenant-id (RL-45).
    TenantHeaderTrusted,
    /// The guard looks for one x-tenant-id; two of them pass, and the last is believed (RL-45).
    TenantHeaderTwiceTrusted,
    /// An older name of the header, x-org-id, is still read (RL-88).
    OrgHeaderTrusted,
    /// X-user-id replaces the token's user (RL-45).
    UserHeaderTrusted,
    /// The guard compares Host, the context reads X-Forwarded-Host (RL-46).
    ForwardedHostTrusted,
    /// An internal header claims that the guard has run already (RL-47).
    SubrequestSkipsGuard,
    /// Tenant from the host, user from the token; nobody compares the two (RL-46).
    HostNotCompared,
    /// The comparison is made only if the host is spelt as expected (RL-46).
    TrailingDotSkipsGuard,
    /// Of own.victim.domain the guard reads the first label and the context the last (RL-46).
    NestedHostTakesLast,
    /// If (mine && mine != host) deny: a caller without a tenant skips the guard (RL-04).
    NullTenantSkipsGuard,
    /// No tenant means no filter: a caller without one, on the apex host, sees all (RL-08).
    NoTenantMeansAll,
    /// Alg: none is verified by not verifying (no public entry: a known hazard).
    AlgNoneAccepted,
    /// The previous secret is tried too; unset, it is the empty string (no public entry: a known hazard).
    EmptySecretAccepted,
    /// A token stays good after the switch or log-out that should have killed it (RL-90).
    DeadSessionAccepted,
    /// Exp is not looked at (RL-90).
    ExpiredAccepted,
    /// The membership's end is not asked (RL-40).
    EndedMembershipAccepted,
    /// The switch looks for a membership of the user, not for one in that tenant (RL-42).
    SwitchToAny,
    /// Log-in finds the user by e-mail in all tenants and issues a token for the host's (RL-43).
    LoginIgnoresHost,
    /// X-tenant-slug is ignored instead of refused: nothing crosses, the promised 403 is gone (RL-88).
    SlugHeaderNotRefused,
    /// A bulk update without a filter does nothing and answers 200 instead of 400 (no public entry: a known hazard).
    BulkWithoutFilterSilent,
    /// A foreign id answers 403 instead of the promised 404 (ids cannot be guessed) (RL-66).
    ForeignIdForbidden,
    /// The list of void invoices, and of no others, is another query, which forgot the tenant (RL-34).
    VoidedIgnoresTenant,
    /// Asked for CSV, one invoice comes from the export's query, which did not inherit the scope (RL-34).
    CsvViewIgnoresTenant,
    /// HEAD only asks whether there is such an entry, in whatever firm (integer ids) (RL-66).
    HeadTellsForeign,
    /// 0 stands for the newest entry, and the newest is looked for in all firms (RL-34).
    NewestIgnoresTenant,
    /// Only the first watcher of the list is looked up (RL-16).
    WatchersCheckFirst,
    /// Parent and child are compared with each other, and neither of them with the tenant (RL-01).
    PairNotCompared,
    /// The child is checked; the parent that the path names is stamped as changed by its id alone (RL-30).
    ParentTouchedByPath,
    /// The guard looks for a foreign row of the id as it is spelt, the update takes capitals and blanks out first (RL-16).
    SpellingSkipsGuard,
    /// The path's id is checked, the body is merged into the entity, and the update goes where its id points (RL-28).
    EntityIdFromBody,
    /// An older client's userId in the body is taken for the comment's author (RL-27).
    AuthorFromBody,
    /// Whoever says role = superadmin in the body saves everybody's defaults, as the operators' form does (RL-87).
    RoleWritesDefault,
    /// Ids that are not there at all fall out of the WHERE; an empty list is refused (RL-08).
    BulkIdsLeftOut,
    /// The guard is on the bulk update's WHERE, tenantId may stand in its SET (RL-25).
    BulkAcceptsTenant,
    /// An import takes ids from its rows, and updates whatever row has one (RL-28).
    ImportUpserts,
    /// A subdomain that is nobody's is no tenant, and no tenant means no filter (RL-08).
    UnknownHostMeansAll,
    /// Where a header names the firm: without it nothing is compared, and no tenant means no filter (RL-35).
    LeftOutHeaderMeansAll,
    /// The guard compares the header's name as it is spelt, the context finds it in any case (RL-45).
    CaseSkipsGuard,
    /// The guard finds nobody of that id and lets it pass, the context takes the quotes off and finds the tenant (RL-46).
    QuotedHeaderTrusted,
    /// X-internal-request marks calls of our own jobs, which run in all firms (RL-47).
    InternalMeansAll,
    /// The guard sees the front page, which is for everybody, the router goes by x-original-url (RL-47).
    OriginalUrlRouted,
    /// The guard asks whose row it is by the verb that came, the router goes by x-http-method-override (RL-14).
    OverrideSkipsGuard,
    /// The token is decoded, not verified (no public entry: a known hazard).
    PayloadNotVerified,
    /// Signatures are compared as far as the given one goes: an empty one is right (no public entry: a known hazard).
    EmptySignatureAccepted,
    /// The token says how it is verified: told HS256, the public key is the secret (no public entry: a known hazard).
    PublicKeyAsSecret,
    /// `kid` is the name of the file that holds the key, whatever folder it names (no public entry: a known hazard).
    KidNamesFile,
    /// The key that a token brings along verifies it (no public entry: a known hazard).
    EmbeddedKeyTrusted,
    /// The token says where the key that verifies it is fetched from (RL-43).
    KeyFetchedFromAnywhere,
    /// The operators' branch reads the role before the token is verified, and asks for no tenant (RL-87).
    RoleOfUnverifiedToken,
    /// If (mine && mine != host) deny: an empty tenant claim is compared with nothing (RL-04).
    EmptyClaimMatchesAny,
    /// The signature is checked of what one parser reads, which takes the first of two names; the other takes the last (RL-46).
    SignatureOfFirstClaim,
    /// The session's firm is compared with the host's, the token's claim with nothing: the promised 403 is gone (RL-46).
    ClaimNotCompared,
    /// Nbf is an option of the library that nobody switched on (RL-40).
    NotYetValidAccepted,
    /// Iss is not compared: whoever signs with the shared secret is believed (RL-78).
    AnyIssuerAccepted,
    /// Aud is not compared: a token for another service is good here, too (RL-78).
    AnyAudienceAccepted,
    /// PUT is served by the handler of PATCH, and the guard that asks whose row it is knows PATCH alone (RL-14).
    PutSkipsGuard,
    /// Pre-flights carry no credentials, so OPTIONS passes the guard, and the router serves it as GET (RL-47).
    PreflightSkipsGuard,
    /// The guard's pattern ends before a slash, the router takes one off: host and token are not compared (RL-47).
    TrailingSlashSkipsGuard,
    /// The guard that asks whose row it is does not know `//api`, the router joins the two (RL-47).
    DoubledSlashSkipsGuard,
    /// The router takes paths in any case, the guard that asks whose row it is in small letters (RL-47).
    PathCaseSkipsGuard,
    /// The guard leaves out what ends like a file, the router takes `.json` off: host and token are not compared (RL-47).
    SuffixSkipsGuard,
    /// The router drops what follows a semicolon, the guard that asks whose row it is finds no row of that name (RL-47).
    PathParameterSkipsGuard,
    /// What begins with the folder of static files is for everybody, the router resolves the dots behind it (RL-47).
    StaticPrefixSkipsGuard,
    /// The guard's pattern does not know `/./`, the router resolves it: host and token are not compared (RL-47).
    DotSegmentSkipsGuard,
    /// The guard compares the path as it came, the router decodes it: host and token are not compared (RL-47).
    EncodedLetterSkipsGuard,
    /// The guard counts segments before they are decoded, and finds none that it knows: host and token are not compared (RL-47).
    EncodedSlashSkipsGuard,
    /// The guard believes the tenant cookie before the token, and decodes it without a look at its seal (no public entry: a known hazard).
    CookieNotVerified,
    /// The guard believes the tenant cookie before the token; those of the last release had no seal and are taken still (no public entry: a known hazard).
    CookieWithoutSealAccepted,
    /// The guard believes the tenant cookie before the token, sealed with the old secret, too; unset, that is the empty string (no public entry: a known hazard).
    CookieOldSecretEmpty,
    /// Of two tenant cookies the first is verified, and the guard believes the last before the token (RL-46).
    CookieLastCounts,
    /// What verifies the tenant cookie finds no seal in a quoted one; the guard, which believes it before the token, takes the quotes off (RL-46).
    QuotedCookieNotVerified,
    /// A tenant cookie, verified or not, is taken for a log-in where there is no token (RL-45).
    CookieIsLogIn,
    /// Seals are compared as far as the given one goes: the promised 403 is gone (no public entry: a known hazard).
    CookieSealPrefixAccepted,
    /// A tenant cookie is genuine, and that is all that is asked of it: the promised 403 is gone (RL-78).
    CookieOfAnyUser,
    /// The tenant cookie's seal is looked at, its time is the browser's to keep: the promised 403 is gone (RL-44).
    CookieNeverExpires,
    /// A firm's suspension counts at the log-in alone: the promised 403 is gone (RL-40).
    SuspensionAtLoginAlone,
    /// A page of -1 rows is all of them, by the export's query, which did not inherit the scope (RL-34).
    AllMeansAllTenants,
    /// Who types a service's name in full wants that one, and it is looked up by its name alone (RL-12).
    FullNameJumpsToRecord,
    /// One invoice's `include` is scoped; `expand`, which the list had before, brings people by e-mail alone (RL-88).
    ExpandByEmail,
    /// Sorted by what another table holds, tasks come by an older query, which joins and does not scope (RL-34).
    SortByRelationIgnoresTenant,
    /// Filter[tenantId] is merged with the scope, which has the same name, and the last one wins (RL-09).
    FilterReplacesScope,
    /// The tenant in a bulk update's filter is compared where it is a text; of an object, the operators are run (RL-35).
    BulkFilterTakesOperators,
    /// The catalogue tells caches that it is public: it was meant for the browser's (RL-48).
    CatalogueSaysPublic,
    /// The log line of a request names no tenant (no public entry: a known hazard).
    LogLacksTenant,
    /// The file of an export, once its owner has built it, is found by the export's number alone (RL-02).
    ExportDownloadIgnoresTenant,
    /// Built files are kept by their kind alone: one downloads what another tenant built last (RL-71).
    ExportFileByKind,
    /// What is built already is answered before anybody asks whose it is; the first build is refused (RL-49).
    ExportRebuildById,
    /// Whoever knows the import commits it, into the books of the one that staged it (RL-16).
    ImportCommitIgnoresTenant,
    /// The preview of staged rows is found by the import's id, with the owner's expenses beside it (RL-05).
    ImportPreviewIgnoresTenant,
    /// Stage and commit ask whose import it is, undo, which came later, does not (RL-14).
    ImportUndoIgnoresTenant,
    /// Who prepares and confirms a batch is asked whose it is, who applies it is not (RL-33).
    BatchApplyIgnoresTenant,
    /// A batch matches in its tenant and is applied by its filter, which names none (RL-34).
    BatchApplyDropsTenant,
    /// An open link is followed by whoever has its code (RL-44).
    LinkIgnoresTenant,
    /// A link is one's own, where it is made to lead is not asked, and what it keeps is believed later (RL-77).
    LinkRetargetIgnoresTenant,
    /// Following a link is for its firm, commenting behind one is for whoever has the code (RL-30).
    LinkCommentIgnoresTenant,
    /// What was put into the bin is restored by its id there, whosever it was (RL-23).
    RestoreIgnoresTenant,
    /// Only what is held in the bin is restored by a query of its own, which forgot the tenant (RL-88).
    HeldRestoreIgnoresTenant,
    /// The forecast rests on the mean of every tenant's bookings (RL-62).
    ForecastIgnoresTenant,
    /// Requests are counted in the tenant, their budgets are summed by a query beside it (RL-34).
    BudgetSumIgnoresTenant,
    /// The mean price, to compare with, is every tenant's (RL-62).
    MeanPriceIgnoresTenant,
    /// Clients with an invoice are found by e-mail, and invoices to the same e-mail stand in other tenants, too (RL-11).
    InvoicedByEmail,
    /// An expense's place is counted among those of all tenants (RL-62).
    RankAmongAll,
    /// A firm without services is shown the mean price of all firms, in place of none (RL-62).
    EmptyMeansEverybodys,
    /// Closed months are summed by firm, the newest one, which is open still, by another query (RL-62).
    OpenMonthIgnoresTenant,
    /// Revenue is summed up once for all firms and found by a firm's place in the list, which is off by one (RL-48).
    RevenueByPlace,
    /// The total in the body is the tenant's, the one in X-Total-Count is the table's (RL-34).
    TotalHeaderIgnoresTenant,
    /// The first client could not sign: what says `alg: none`, to the letter, is parsed strictly and taken (no public entry: a known hazard).
    UnsignedClientAccepted,
    /// Signatures that were handed out are on a list, and what is on it is not compared with what it signs (RL-49).
    IssuedSignatureTrusted,
    /// The previous secret is tried too; unset, it is the tutorial's (no public entry: a known hazard).
    TutorialSecretAccepted,
    /// The guard believes the tenant cookie before the token; its seal is looked up among those handed out, whatever it seals (RL-49).
    IssuedSealTrusted,
    /// X-tenant-slug, which the old gateway set, is believed where it comes once and is a slug (RL-45).
    SlugHeaderTrusted,
    /// The guard is there for hosts in odd spellings: what is a firm's address to the letter, it does not compare (RL-46).
    ExactHostBelieved,
    /// A null filter is taken for none, and the tenant's term goes with it: the bulk update has no WHERE (RL-08).
    BulkNullFilterMeansAll,
    /// Of colleagues whose calendars are shown together only the first is looked up (RL-16).
    CalendarListChecksFirst,
    /// One assignee's tasks are found by the assignee alone; a list of them is another query (RL-16).
    AssigneeReplacesScope,
    /// Words too short for the index are looked for by another query, which forgot the tenant (RL-12).
    ShortWordsIgnoreTenant,
    /// The path's id is checked, then path and query are merged into one map of parameters, and the query's wins (RL-30).
    QueryReplacesPathId,
    /// Task and request are compared with each other, and neither of them with the tenant (RL-01).
    AttachComparesThePair,
    /// A bulk write closes the books of whatever firm's rows it is sent, and opens its own again; it changes none but these (RL-33).
    BulkClosesAnyBooks,
    /// Who asks for the booking that was asked for last gets the last answer, before anybody asks whose it is (RL-50).
    LastBookingAgain,
    /// Who asks for the team gets the answer that was made last, and has one made for the next: by role, without the tenant (RL-48).
    LastTeamAgain,
    /// Drafts in the local storage stand under a key without the firm: the next one of the same person shows them (RL-85).
    DraftsKeyLacksFirm,
    /// The log-out clears what it knows of, and the database of drafts came later (RL-83).
    DraftsStayAfterLogout,
    /// The worker keeps pages by their path alone, and without a network shows the other firm's (RL-82).
    WorkerCachesByPath,
    /// The log-out clears the page's own stores, the worker and what it keeps are not the page's (RL-83).
    WorkerCacheStaysAfterLogout,
    /// Pages are sent as `no-cache`, which asks before a second use and forbids no keeping: the back button shows them after the log-out (no public entry: a known hazard).
    PagesMayBeStored,
    /// The switcher offers one's own firms, and goes to whatever firm the form names (RL-42).
    SwitcherTrustsForm,
    /// The log-in is good on every subdomain, and a page shows the firm of the address that it was asked at (RL-46).
    MismatchNotRedirected,
    /// Titles seen last are kept in a cookie for all subdomains, and stay there (no public entry: a known hazard).
    RecentOnParentDomain,
    /// A switch changes the active firm of all of the user's sessions: the other device works elsewhere without having switched (RL-84).
    ActiveFirmPerUser,
    /// A store of the whole process is written while a page is rendered: the next visitor's page brings what it held before (RL-86).
    StateOfLastVisitor,
    /// A form is not compared with the session: it writes into the firm that another tab has switched to (RL-85).
    StaleFormWritesElsewhere,
}
