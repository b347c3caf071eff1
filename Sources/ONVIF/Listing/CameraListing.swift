import Foundation
import Synchronization
import System
package import Text

/// Asks the cameras of a search for their streams.
package struct CameraListing: Sendable {
    /// The reference that stands for the password in every URL that is printed.
    package static let passwordReference = "${CAMERA_PASSWORD}"
    /// How many devices are asked at a time.
    private static let width = 16
    /// What most models see: the shorter side of their input in pixels.
    private static let usualSide = 224

    private let login: CameraLogin
    private let time: Duration

    /// - Parameters:
    ///   - login: of all cameras.
    ///   - time: for each device.
    package init(login: CameraLogin, time: Duration) {
        self.login = login
        self.time = time
    }

    /// In the order of the devices.
    ///
    /// - Throws: `OperationError` if the system makes no threads.
    package func ask(_ devices: [FoundDevice]) throws(OperationError) -> [ListedCamera] {
        let work = Work(devices: devices)
        var threads: [NamedThread] = []
        for number in 0..<min(Self.width, devices.count) {
            switch NamedThread.start("camera-\(number + 1)", { while work.takeOne(ask) {} }) {
            case .success(let thread): threads.append(thread)
            case .failure(let error) where threads.isEmpty:
                throw OperationError("cannot start a thread to ask the cameras: \(error)")
            case .failure: break
            }
        }
        for thread in threads { thread.join() }
        return work.inOrder
    }

    /// Shared by the threads.
    private final class Work: Sendable {
        private struct State {
            var next = 0
            var cameras: [Int: ListedCamera] = [:]
        }

        private let devices: [FoundDevice]
        private let state = Mutex(State())

        init(devices: [FoundDevice]) { self.devices = devices }

        /// False if there is none left.
        func takeOne(_ ask: (FoundDevice) -> ListedCamera) -> Bool {
            let index = state.withLock { state in
                defer { state.next += 1 }
                return state.next
            }
            guard index < devices.count else { return false }
            let camera = ask(devices[index])
            state.withLock { $0.cameras[index] = camera }
            return true
        }

        var inOrder: [ListedCamera] { state.withLock { $0.cameras.sorted { $0.key < $1.key }.map(\.value) } }
    }

    private func ask(_ device: FoundDevice) -> ListedCamera {
        do throws(CameraError) {
            return ListedCamera(device: device, streams: .success(try streams(of: device)))
        } catch {
            return ListedCamera(device: device, streams: .failure(error))
        }
    }

    private func streams(of device: FoundDevice) throws(CameraError) -> [ListedCamera.Stream] {
        var address = device.address
        address.login = login
        let limits = DeviceClient.Limits(deadline: Instant.now + time, connecting: time, isCancelled: { false })
        let client = try DeviceClient(address, limits: limits)
        let media = try client.media()
        var streams: [ListedCamera.Stream] = []
        var failure: CameraError?
        for profile in MediaProfile.ranked(media.profiles, shortSide: Self.usualSide) {
            do throws(CameraError) {
                let url = try client.stream(of: profile, media)
                streams.append(ListedCamera.Stream(profile: profile, url: Self.template(url, login)))
            } catch {
                failure = error
            }
        }
        // A profile that cannot be streamed is no harm beside one that can.
        if streams.isEmpty, let failure { throw failure }
        return streams
    }

    /// The URL with the login, and with a reference in place of the password. Nil if the address holds a password by itself.
    static func template(_ url: String, _ login: CameraLogin) -> String? {
        let password = [login.password, login.password.percentEncoded()]
        let isClear = password.allSatisfy { $0.isEmpty || !url.contains($0) } && Redaction().redact(url) == url
        return isClear ? url.with(user: login.user, password: passwordReference) : nil
    }

    // MARK: - YAML

    /// The cameras as entries to paste below `streams:`. What comes from a device is in quotes or behind `#`, on one line.
    package static func yaml(_ cameras: [ListedCamera], user: String) -> String {
        var names: Set<String> = []
        return cameras.map { camera in
            switch camera.streams {
            case nil: return "# \(camera.line)"
            case .failure(let error)?: return "# \(comment(camera.device.title)): FAILED: \(comment(error.description))"
            case .success(let streams)?:
                return entry(camera, streams, name: name(of: camera.device, among: &names), user: user)
            }
        }.joined(separator: "\n")
    }

    private static func entry(_ camera: ListedCamera, _ streams: [ListedCamera.Stream], name: String, user: String)
        -> String
    {
        let anew = onvif(camera.device.address, user: user)
        var lines = ["# \(comment(camera.device.title)) at \(camera.device.address.place)", "- name: \(name)"]
        for (index, stream) in streams.enumerated() {
            let described = "\(comment(stream.profile.name)): \(comment(stream.profile.summary))"
            switch (index, stream.url) {
            case (0, let url?): lines += ["  # \(described)", "  url: \(quoted(url))"]
            // The address holds a password: let it be asked for.
            case (0, nil): lines += ["  # \(described)", "  url: \(quoted(anew))"]
            case (_, let url?): lines += ["  # \(described)", "  # url: \(quoted(url))"]
            case (_, nil): lines += ["  # \(described) (its address holds a password and is not shown)"]
            }
        }
        if streams.first?.url != nil {
            lines += ["  # To ask the camera at each connection instead:", "  # url: \(quoted(anew))"]
        }
        lines += ["  labels:", "    - a person walks through the picture"]
        return lines.joined(separator: "\n")
    }

    private static func onvif(_ address: CameraAddress, user: String) -> String {
        address.url.with(user: user, password: passwordReference)
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        text.writeJSON(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func comment(_ text: String) -> String { text.escapingControlCharacters() }

    /// The device's name as a stream's name, which no other has.
    private static func name(of device: FoundDevice, among names: inout Set<String>) -> String {
        let words = (device.name ?? device.hardware ?? "").lowercased().split { character in
            !(character.isASCII && (character.isLetter || character.isNumber))
        }
        let base = String((words.isEmpty ? "camera" : words.joined(separator: "-")).prefix(48))
        var name = base
        var number = 2
        while !names.insert(name).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }
}
