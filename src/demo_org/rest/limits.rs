//! `/limits` and `/limits/recordCount`.

use serde_json::{Map, Value, json};

use super::Ctx;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::schema::SCHEMA;
use crate::demo_org::world::DAILY_CALLS;

/// Limits that nothing here uses up.
const FULL: [(&str, u64); 22] = [
    ("ActiveScratchOrgs", 40),
    ("AnalyticsExternalDataSizeMB", 40_960),
    ("ConcurrentAsyncGetReportInstances", 200),
    ("ConcurrentSyncReportRuns", 20),
    ("DailyAnalyticsDataflowJobExecutions", 60),
    ("DailyAsyncApexExecutions", 250_000),
    ("DailyBulkApiBatches", 15_000),
    ("DailyBulkV2QueryFileStorageMB", 976_562),
    ("DailyBulkV2QueryJobs", 10_000),
    ("DailyDurableStreamingApiEvents", 10_000),
    ("DailyGenericStreamingApiEvents", 10_000),
    ("DailyScratchOrgs", 80),
    ("DailyStreamingApiEvents", 10_000),
    ("DailyWorkflowEmails", 390),
    ("FileStorageMB", 10_240),
    ("HourlyDashboardRefreshes", 200),
    ("HourlyODataCallout", 1000),
    ("HourlyPublishedPlatformEvents", 50_000),
    ("HourlySyncReportRuns", 500),
    ("MassEmail", 5000),
    ("MonthlyPlatformEvents", 750_000),
    ("SingleEmail", 5000),
];

pub(super) fn all(ctx: &Ctx<'_>) -> Reply {
    let mut limits = Map::new();
    let mut put = |name: &str, max: u64, left: u64| {
        limits.insert(name.to_owned(), json!({ "Max": max, "Remaining": left }));
    };
    put("DailyApiRequests", DAILY_CALLS, DAILY_CALLS.saturating_sub(ctx.used));
    // A record counts for 2 KB, as in Salesforce.
    let records: u64 =
        SCHEMA.objects.iter().map(|object| ctx.data.store.count(object).unwrap_or_default()).sum();
    put("DataStorageMB", 1024, 1024_u64.saturating_sub(records * 2 / 1024));
    for (name, max) in FULL {
        put(name, max, max);
    }
    limits.insert(
        "PermissionSets".to_owned(),
        json!({ "Max": 1500, "Remaining": 1499, "CreateCustom": { "Max": 1000, "Remaining": 999 } }),
    );
    limits.sort_keys();
    Reply::data("LimitsSnapshot", Value::Object(limits))
}

/// `recordCount?sObjects=Account,Contact`; without the parameter, of all objects.
pub(super) fn record_count(ctx: &Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let wanted: Option<Vec<&str>> =
        call.param("sObjects").map(|names| names.split(',').map(str::trim).collect());
    let mut counts = Vec::new();
    for object in ctx.sight.objects() {
        let asked = |names: &Vec<&str>| names.iter().any(|name| name.eq_ignore_ascii_case(&object.name));
        if wanted.as_ref().is_none_or(asked) {
            counts.push(json!({ "count": ctx.data.store.count(object)?, "name": object.name }));
        }
    }
    Ok(Reply::data("RecordCounts", json!({ "sObjects": counts })))
}
