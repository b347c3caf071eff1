/// The question of WS-Discovery: which devices of a kind are there?
///
/// Source: Web Services Dynamic Discovery, April 2005, and section 7 of the ONVIF Core Specification.
struct ProbeMessage {
    /// The kinds of devices that ONVIF defines. Some devices match only one of them.
    enum Kind: String, CaseIterable {
        case transmitter = "NetworkVideoTransmitter"
        case device = "Device"

        fileprivate var namespace: String {
            switch self {
            case .transmitter: "http://www.onvif.org/ver10/network/wsdl"
            case .device: "http://www.onvif.org/ver10/device/wsdl"
            }
        }
    }

    let kind: Kind
    /// A UUID of the message's own. Repetitions are the same message, so that a device answers once.
    let id: String

    var xml: String {
        let discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
        let addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
        return SOAPMessage.envelope(
            header: """
                <a:Action xmlns:a="\(addressing)" s:mustUnderstand="1">\(discovery)/Probe</a:Action>\
                <a:MessageID xmlns:a="\(addressing)">urn:uuid:\(id)</a:MessageID>\
                <a:ReplyTo xmlns:a="\(addressing)"><a:Address>\(addressing)/role/anonymous</a:Address></a:ReplyTo>\
                <a:To xmlns:a="\(addressing)" s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>
                """,
            body: """
                <d:Probe xmlns:d="\(discovery)"><d:Types xmlns:k="\(kind.namespace)">k:\(kind.rawValue)</d:Types></d:Probe>
                """
        )
    }
}
