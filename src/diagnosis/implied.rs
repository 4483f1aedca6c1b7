//! The codes that well-known sentences belong to, for an error that was pasted without its code.
//!
//! Source of the sentences: the developer guides, Salesforce Help on OAuth errors, issues of public clients.

/// A part of the description, in lower case, and the code it comes with. The first that fits counts.
const SENTENCES: &[(&str, &str)] = &[
    // Sessions and access.
    ("session expired or invalid", "INVALID_SESSION_ID"),
    ("not valid for use with the", "INVALID_SESSION_ID"),
    ("illegal session", "INVALID_SESSION_ID"),
    ("invalid_header_type", "INVALID_AUTH_HEADER"),
    ("destination url not reset", "URL_NOT_RESET"),
    ("api is not enabled for this organization", "API_DISABLED_FOR_ORG"),
    ("api is disabled for this user", "API_CURRENTLY_DISABLED"),
    ("password has expired, you must call setpassword", "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"),
    ("rights on cross-reference id", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
    ("rights on object id", "INSUFFICIENT_ACCESS_OR_READONLY"),
    // Calls.
    ("totalrequests limit exceeded", "REQUEST_LIMIT_EXCEEDED"),
    ("concurrentperorglongtxn", "REQUEST_LIMIT_EXCEEDED"),
    ("concurrentrequests (", "REQUEST_LIMIT_EXCEEDED"),
    ("requested resource does not exist", "NOT_FOUND"),
    ("could not find a match for url", "NOT_FOUND"),
    ("provided external id field does not exist", "NOT_FOUND"),
    ("not allowed. allowed are", "METHOD_NOT_ALLOWED"),
    ("please include this errorid", "UNKNOWN_EXCEPTION"),
    ("another operation in the same transaction failed", "PROCESSING_HALTED"),
    ("invalid reference specified. no value for", "PROCESSING_HALTED"),
    ("request was using allornone", "ALL_OR_NONE_OPERATION_ROLLED_BACK"),
    // Queries.
    ("on sobject of type", "INVALID_FIELD"),
    ("no such column", "INVALID_FIELD"),
    ("didn't understand relationship", "INVALID_FIELD"),
    ("should not be enclosed in quotes", "INVALID_FIELD"),
    ("sobject type", "INVALID_TYPE"),
    ("invalid query locator", "INVALID_QUERY_LOCATOR"),
    ("query request was running for too long", "QUERY_TIMEOUT"),
    ("query is either selecting too many fields", "QUERY_TOO_COMPLICATED"),
    ("invalid operator on", "INVALID_QUERY_FILTER_OPERATOR"),
    ("error at row:", "MALFORMED_QUERY"),
    ("unexpected token: ", "MALFORMED_QUERY"),
    // Writing.
    ("required fields are missing", "REQUIRED_FIELD_MISSING"),
    ("data value too large", "STRING_TOO_LONG"),
    ("bad value for restricted picklist", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ("duplicate value found", "DUPLICATE_VALUE"),
    ("use one of these records", "DUPLICATES_DETECTED"),
    ("duplicate username", "DUPLICATE_USERNAME"),
    ("entity is deleted", "ENTITY_IS_DELETED"),
    ("entity is locked", "ENTITY_IS_LOCKED"),
    ("unable to obtain exclusive access", "UNABLE_TO_LOCK_ROW"),
    ("storage limit exceeded", "STORAGE_LIMIT_EXCEEDED"),
    ("unable to create/update fields", "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("operation performed with inactive user", "INACTIVE_OWNER_OR_USER"),
    ("dml operation on setup object", "MIXED_DML_OPERATION"),
    ("invalid cross reference id", "INVALID_CROSS_REFERENCE_KEY"),
    ("id value of incorrect type", "MALFORMED_ID"),
    ("invalid email address", "INVALID_EMAIL_ADDRESS"),
    ("value not of required type", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ("there's a problem with this country", "FIELD_INTEGRITY_EXCEPTION"),
    ("there's a problem with this state", "FIELD_INTEGRITY_EXCEPTION"),
    ("cannot deserialize instance of", "JSON_PARSER_ERROR"),
    // Logins.
    ("authentication failure", "invalid_grant"),
    ("expired access/refresh token", "invalid_grant"),
    ("expired authorization code", "invalid_grant"),
    ("invalid authorization code", "invalid_grant"),
    ("invalid code verifier", "invalid_grant"),
    ("user hasn't approved this consumer", "invalid_grant"),
    ("no client credentials user enabled", "invalid_grant"),
    ("client credentials flow not enabled", "invalid_grant"),
    ("request not supported on this domain", "invalid_grant"),
    ("token request is already being processed", "invalid_grant"),
    ("audience is invalid", "invalid_grant"),
    ("audience validation failed", "invalid_grant"),
    ("ip restricted", "invalid_grant"),
    ("due to: inactive user", "invalid_grant"),
    ("client identifier invalid", "invalid_client_id"),
    ("invalid client credentials", "invalid_client"),
    ("must be installed into org", "invalid_client"),
    ("grant type not supported", "unsupported_grant_type"),
    ("redirect_uri must match configuration", "redirect_uri_mismatch"),
    ("user is not admin approved", "invalid_app_access"),
    ("end-user denied authorization", "access_denied"),
    ("missing required code challenge", "invalid_request"),
    ("invalid username, password, security token", "INVALID_LOGIN"),
];

/// The code that a description implies; empty where it implies none. `says` is in lower case.
pub(super) fn code(says: &str) -> &'static str {
    SENTENCES.iter().find(|(part, _)| says.contains(part)).map_or("", |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::{SENTENCES, code};

    #[test]
    fn every_sentence_can_be_found() {
        for (part, implied) in SENTENCES {
            assert_eq!(*part, part.to_lowercase());
            assert_eq!(code(&format!("error: {part} x")), *implied, "{part}");
        }
        assert_eq!(code("it does not work"), "");
    }
}
