import CMosquitto
import Glibc
import System

/// Why nothing can be published, in one line with the remedy. Never holds a password.
package struct MQTTFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }

    /// The broker refused the connection: MQTT 3.1.1, 3.2.2.3.
    static func refused(_ code: Int32, by address: MQTTAddress) -> MQTTFeedError {
        let remedy =
            switch code {
            case 1: "it does not speak MQTT 3.1.1: use a newer one"
            case 2: "it does not accept the client's name: set another mqtt.client_id"
            case 3: "it says that it is not ready"
            case 4, 5: "check mqtt.username and mqtt.password, and what the broker allows that user"
            default: "it answers with code \(code)"
            }
        return MQTTFeedError("the MQTT broker \(address) refuses the connection: \(remedy)")
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
            case MOSQ_ERR_ERRNO: Errno.last.description
            case MOSQ_ERR_EAI, MOSQ_ERR_LOOKUP: "its name is unknown"
            case MOSQ_ERR_CONN_LOST: "it closed the connection"
            default: String(cString: mosquitto_strerror(Int32(code.rawValue)))
            }
        let remedy = "is it running, is mqtt.url right?"
        return MQTTFeedError("no connection with the MQTT broker \(address): \(reason); \(remedy)")
    }
}
