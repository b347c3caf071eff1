/// The files of `Page/`, which are compiled in: the program needs no files of its own where it runs.
enum PageFile: String, CaseIterable {
    case page = ""
    case entrance = "entrance.html"
    case style = "page.css"
    case icon = "favicon.svg"
    case script = "page.js"
    case feed = "feed.js"
    case feedWorker = "feedworker.js"
    case stream = "stream.js"
    case label = "label.js"
    case chart = "chart.js"
    case rules = "rules.js"
    case events = "events.js"
    case fleet = "fleet.js"
    case format = "format.js"
    case description = "openapi.json"

    /// Whether it is served without the token: the files of the page that asks for the token.
    var isOpen: Bool { self == .style || self == .icon }

    func response(status: Int = 200) -> HTTPResponse { .content(type, bytes, status: status) }

    /// The page that asks for the token.
    static func entrance(afterWrongToken: Bool) -> HTTPResponse {
        var response = PageFile.entrance.response(status: 401)
        guard afterWrongToken else { return response }
        let text = String(decoding: response.body, as: UTF8.self)
        response.body = Array(text.replacing("role=\"alert\" hidden", with: "role=\"alert\"").utf8)
        return response
    }

    private var type: String {
        switch self {
        case .page, .entrance: "text/html; charset=utf-8"
        case .style: "text/css; charset=utf-8"
        case .icon: "image/svg+xml"
        case .description: "application/json"
        case .script, .feed, .feedWorker, .stream, .label, .chart, .rules, .events, .fleet, .format:
            "text/javascript; charset=utf-8"
        }
    }

    private var bytes: [UInt8] {
        switch self {
        case .page: PackageResources.index_html
        case .entrance: PackageResources.entrance_html
        case .style: PackageResources.page_css
        case .icon: PackageResources.favicon_svg
        case .script: PackageResources.page_js
        case .feed: PackageResources.feed_js
        case .feedWorker: PackageResources.feedworker_js
        case .stream: PackageResources.stream_js
        case .label: PackageResources.label_js
        case .chart: PackageResources.chart_js
        case .rules: PackageResources.rules_js
        case .events: PackageResources.events_js
        case .fleet: PackageResources.fleet_js
        case .format: PackageResources.format_js
        case .description: PackageResources.openapi_json
        }
    }
}
