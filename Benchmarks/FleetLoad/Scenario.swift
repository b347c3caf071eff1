/// What happens to the fleet.
enum Scenario: String, CaseIterable {
    /// Nothing.
    case calm
    /// A host is killed, and starts again later.
    case host
    /// The leader of the stream is killed, and starts again later.
    case leader
    case hostAndLeader = "host-and-leader"
    /// All servers are killed for 30 s.
    case servers
    /// A host is stopped until others have its cameras, and then wakes.
    case frozen
    /// The stream's leader is stopped for 10 s.
    case frozenLeader = "frozen-leader"
    /// The subscriber is killed several times.
    case subscriber
    /// A new host joins.
    case join
    /// The links of a host are cut until others have its cameras.
    case cut
    /// Two of the servers lose each other, but not the third one, for 30 s.
    case serversApart = "servers-apart"
    /// A server's disk is full for 10 s.
    case diskFull = "disk-full"
    /// A host starts again with a clock that is an hour off.
    case clock
}
