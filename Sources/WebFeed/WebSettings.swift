/// Where the pages are served, and to whom.
public struct WebSettings: Sendable {
    public var listen: ListenAddress
    /// What a client must show; nil lets every program of this machine in.
    public var token: String?
    /// Names by which clients may call the server, beside its addresses and the machine's own name.
    public var hosts: [String]

    public init(listen: ListenAddress, token: String?, hosts: [String] = []) {
        self.listen = listen
        self.token = token
        self.hosts = hosts
    }
}
