import HTTP

/// The headers of the hub's answers that mean something here.
enum HubHeader: String, CaseIterable {
    case etag = "etag"
    case linkedETag = "x-linked-etag"
    case length = "content-length"
    case linkedLength = "x-linked-size"
    case commit = "x-repo-commit"
    case errorCode = "x-error-code"
}

extension HTTPTransfer.Response {
    subscript(_ header: HubHeader) -> String? { headers[header.rawValue] }
}
