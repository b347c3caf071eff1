/// Where the pages are served, and to whom.
package struct WebSettings: Sendable {
    package var listen: ListenAddress
    /// What a client must show; nil lets every program of this machine in.
    package var token: String?
    /// Names by which clients may call the server, beside its addresses and the machine's own name.
    package var hosts: [String]

    package init(listen: ListenAddress, token: String?, hosts: [String] = []) {
        self.listen = listen
        self.token = token
        self.hosts = hosts
    }
}
