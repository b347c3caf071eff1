import CMosquitto
import Glibc
import System

/// Why nothing can be published, in one line with the remedy. Never holds a password.
package struct MQTTFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    /// Whether the broker may have refused the version of the protocol.
    let mayConcernVersion: Bool

    init(_ description: String, mayConcernVersion: Bool = false) {
        self.description = description
        self.mayConcernVersion = mayConcernVersion
    }

    /// The broker refused the connection: MQTT 3.1.1, 3.2.2.3, and MQTT 5, 3.2.2.2.
    static func refused(_ code: Int32, by address: MQTTAddress) -> MQTTFeedError {
        let remedy =
            switch code {
            case 1, 0x84: "it speaks neither MQTT 5 nor MQTT 3.1.1: use a newer one"
            case 2, 0x85: "it does not accept the client's name: set another mqtt.client_id"
            case 3, 0x88, 0x89: "it says that it is not ready"
            case 4, 5, 0x86, 0x87, 0x8C: "check mqtt.username and mqtt.password, and what the broker allows that user"
            default: "it answers with code \(code)"
            }
        let text = "the MQTT broker \(address) refuses the connection: \(remedy)"
        return MQTTFeedError(text, mayConcernVersion: code == 1 || code == 0x84)
    }

    /// The broker refused a message or a subscription: MQTT 5, 3.4.2.1 and 3.9.3.
    static func refused(_ object: String, reason: Int32, by address: String) -> MQTTFeedError {
        let cause =
            reason == 0x87 || reason == 0x80 ? "not authorised" : String(cString: mosquitto_reason_string(reason))
        return MQTTFeedError(
            "the MQTT broker \(address) refuses \(object) (\(cause)): allow it in the broker's access list"
        )
    }

    /// A call of the library failed.
    ///
    /// - Parameters:
    ///   - code: of the library.
    ///   - errno: the system's error number at that time.
    ///   - address: of the broker.
    ///   - detail: what the library logged about it, if anything.
    static func failed(_ code: Int32, errno: Int32, at address: MQTTAddress, detail: String?) -> MQTTFeedError {
        let code = mosq_err_t(code)
        if code == MOSQ_ERR_TLS || detail?.contains("OpenSSL") == true {
            let reason = detail.map { "\($0): " } ?? ""
            return MQTTFeedError(
                "no TLS connection with the MQTT broker \(address): \(reason)"
                    + "check mqtt.ca, the name in mqtt.url, and mqtt.client_cert if the broker requires one"
            )
        }
        let reason =
            switch code {
            case MOSQ_ERR_ERRNO: Errno(errno).description
            case MOSQ_ERR_EAI, MOSQ_ERR_LOOKUP: "its name is unknown"
            case MOSQ_ERR_CONN_LOST: "it closed the connection"
            case MOSQ_ERR_KEEPALIVE: "it has answered nothing for \(BrokerConnection.keepAlive) s"
            default: String(cString: mosquitto_strerror(Int32(code.rawValue)))
            }
        let remedy = "is it running, is mqtt.url right?"
        let text = "no connection with the MQTT broker \(address): \(reason); \(remedy)"
        return MQTTFeedError(text, mayConcernVersion: code == MOSQ_ERR_CONN_LOST)
    }
}
