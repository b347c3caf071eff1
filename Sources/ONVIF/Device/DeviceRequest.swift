/// A request to one of a device's services.
struct DeviceRequest: Equatable {
    enum Service: String {
        case device = "http://www.onvif.org/ver10/device/wsdl"
        case media = "http://www.onvif.org/ver10/media/wsdl"
        case media2 = "http://www.onvif.org/ver20/media/wsdl"
    }

    let service: Service
    let name: String
    /// The XML within the request's element.
    private let content: String

    private init(_ service: Service, _ name: String, _ content: String = "") {
        self.service = service
        self.name = name
        self.content = content
    }

    var body: String { #"<\#(name) xmlns="\#(service.rawValue)">\#(content)</\#(name)>"# }

    /// The action that HTTP's content type names.
    var action: String { "\(service.rawValue)/\(name)" }

    var responseName: String { name + "Response" }

    /// Needs no login, since the login needs its answer.
    static let dateAndTime = DeviceRequest(.device, "GetSystemDateAndTime")

    static let services = DeviceRequest(.device, "GetServices", "<IncludeCapability>false</IncludeCapability>")

    /// Of devices that are older than `GetServices`.
    static let capabilities = DeviceRequest(.device, "GetCapabilities", "<Category>Media</Category>")

    static let endpointReference = DeviceRequest(.device, "GetEndpointReference")

    static func profiles(_ service: Service) -> DeviceRequest {
        DeviceRequest(service, "GetProfiles", service == .media2 ? "<Type>VideoEncoder</Type>" : "")
    }

    static func streamURI(_ service: Service, profile token: String) -> DeviceRequest {
        let token = token.xmlEscaped()
        if service == .media2 {
            let content = "<Protocol>RtspUnicast</Protocol><ProfileToken>\(token)</ProfileToken>"
            return DeviceRequest(.media2, "GetStreamUri", content)
        }
        let schema = "http://www.onvif.org/ver10/schema"
        return DeviceRequest(
            .media,
            "GetStreamUri",
            """
            <StreamSetup><Stream xmlns="\(schema)">RTP-Unicast</Stream>\
            <Transport xmlns="\(schema)"><Protocol>RTSP</Protocol></Transport></StreamSetup>\
            <ProfileToken>\(token)</ProfileToken>
            """
        )
    }
}
