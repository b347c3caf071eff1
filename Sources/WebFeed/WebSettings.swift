/// The address on which the pages are served, and who may read them.
package struct WebSettings: Sendable {
    package var listen: ListenAddress
    /// The token that a client must send; nil admits every program on this machine.
    package var token: String?
    /// The host names that clients may use, beside the server's addresses and the machine's own name.
    package var hosts: [String]

    package init(listen: ListenAddress, token: String?, hosts: [String] = []) {
        self.listen = listen
        self.token = token
        self.hosts = hosts
    }
}
