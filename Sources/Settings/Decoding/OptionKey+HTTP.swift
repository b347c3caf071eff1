import ConfigurationText
import Text
import WebFeed

extension OptionKey {
    /// An address of this machine, with a port.
    static func listenAddress(_ name: String, _ target: WritableKeyPath<Section, ListenAddress>) -> OptionKey {
        let schema = JSONSchema.pattern(#"^(localhost|[0-9.]+|\[[0-9a-fA-F:.]+\]):[0-9]+$"#)
        return OptionKey(name: name, schema: schema) { node, path, section, context in
            let scalar = context.scalar(of: node, path: path, noun: "an address", example: "127.0.0.1:8642")
            guard let scalar else { return nil }
            guard let address = ListenAddress(scalar.text) else {
                let remedy = "write it like 127.0.0.1:8642, [::1]:8642 or 0.0.0.0:8642"
                let message = "\(path) is \(scalar.quoted), which is not an address with a port"
                context.report(node.place, message, remedy: remedy)
                return nil
            }
            section[keyPath: target] = address
            return scalar.isExpanded ? scalar.display : address.description
        } show: {
            $0[keyPath: target].description
        }
    }

    /// A path below which pages are served.
    static func urlPath(_ name: String, _ target: WritableKeyPath<Section, URLPath>) -> OptionKey {
        let schema = JSONSchema.pattern(#"^/[A-Za-z0-9._~/-]*$"#)
        return OptionKey(name: name, schema: schema) { node, path, section, context in
            let scalar = context.scalar(of: node, path: path, noun: "a path", example: "/watchword")
            guard let scalar else { return nil }
            guard let value = URLPath(scalar.text), value.isDistinct else {
                let remedy = "write it like /watchword, of letters, digits and -._~, and not as the server's own /api"
                let message = "\(path) is \(scalar.quoted), which is not a path for the page"
                context.report(node.place, message, remedy: remedy)
                return nil
            }
            section[keyPath: target] = value
            return value.description
        } show: {
            $0[keyPath: target].description
        }
    }

    /// A text that must be looked up, not written in the file, and that is never shown.
    static func secretByName(
        _ name: String,
        _ target: WritableKeyPath<Section, String?>,
        _ rule: @escaping TextRule
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.reference) { node, path, section, context in
            guard let scalar = context.text(of: node, path: path, example: "${HTTP_TOKEN}", rule) else { return nil }
            context.keepSecret(scalar.text)
            if case .position = node.place, !scalar.isExpanded {
                let remedy = "keep it in a file: write ${NAME} here, or name the file as token_file"
                context.report(node.place, "\(path) is written out", remedy: remedy)
                return nil
            }
            section[keyPath: target] = scalar.text
            return "***"
        } show: {
            $0[keyPath: target] == nil ? "none" : "***"
        } json: { _ in
            nil
        }
    }
}

extension DecodingContext {
    /// Reads the token's file, and reports a missing token if other machines can connect.
    ///
    /// - Parameter place: the place of the message about the missing token.
    mutating func completeHTTP(_ section: inout SourcedSection<HTTPSettings>, place: Place) {
        if let path = section.value.tokenFile {
            let place = section.places["token_file"] ?? place
            guard section.value.token == nil else {
                return report(place, "http has both token and token_file", remedy: "remove one of the two")
            }
            section.value.token = token(in: path, place: place)
            // The file was reported: a message about the missing token would add nothing.
            if section.value.token == nil { return }
        }
        guard section.value.token == nil, section.failed.isDisjoint(with: ["token", "token_file", "listen"]),
            !section.value.listen.isLoopback
        else { return }
        report(
            place,
            "http.listen is \(section.value.listen), which other machines can reach, but there is no token",
            remedy: "set token_file or token, or listen on 127.0.0.1"
        )
    }

    private mutating func token(in path: String, place: Place) -> String? {
        let text: String
        do throws(TextFile.Failure) {
            text = try TextFile.read(path, limit: 65_536)
        } catch {
            report(place, "http.token_file: \(path) \(error.message)", remedy: error.remedy)
            return nil
        }
        let token = text.hasSuffix("\n") ? String(text.dropLast()) : text
        keepSecret(token)
        if let fault = TextRules.token(token) {
            report(place, "http.token_file: the token in \(path) \(fault.message)", remedy: fault.remedy)
            return nil
        }
        return token
    }
}
