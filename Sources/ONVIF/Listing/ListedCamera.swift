package import Text

/// A camera of a search, with its streams if it was asked for them.
package struct ListedCamera: Sendable {
    package struct Stream: Sendable, Equatable {
        package let profile: MediaProfile
        /// With the user, and with a reference in place of the password; nil if the device keeps a password in the address
        /// itself.
        package let url: String?
    }

    package let device: FoundDevice
    /// The streams, the one to watch first; or why there are none. Nil if nobody asked.
    package let streams: Result<[Stream], CameraError>?

    /// - Parameter streams: nil if the camera was not asked.
    package init(device: FoundDevice, streams: Result<[Stream], CameraError>? = nil) {
        self.device = device
        self.streams = streams
    }

    package var isGood: Bool {
        if case .failure? = streams { false } else { true }
    }

    /// One line for people, of a camera that was not asked.
    package var line: String {
        let location = device.location.map { ", \($0)" } ?? ""
        return
            "\(device.address.place): \(device.title)\(location) (\(device.endpointText.escapingControlCharacters()))"
    }

    /// One object for programs.
    package var json: JSONLine {
        var line = JSONLine(type: "camera")
        line.add("address", device.address.place)
        line.add("endpoint", device.endpointText)
        line.add("name", device.name)
        line.add("hardware", device.hardware)
        line.add("location", device.location)
        line.add("types", device.types)
        line.add("scopes", device.scopes)
        line.add("xaddrs", device.announced)
        switch streams {
        case nil: break
        case .failure(let error)?:
            line.add("ok", false)
            line.add("error", error.description)
        case .success(let streams)?:
            line.add("ok", true)
            line.add("streams", streams.map(\.json))
        }
        return line
    }
}

extension ListedCamera.Stream {
    fileprivate var json: JSONLine {
        var line = JSONLine()
        line.add("profile", profile.name)
        line.add("codec", profile.codec)
        line.add("width", profile.width == 0 ? nil : profile.width)
        line.add("height", profile.height == 0 ? nil : profile.height)
        line.add("rate", profile.rate)
        line.add("url", url)
        return line
    }
}
