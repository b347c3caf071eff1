/// A record of this host's journal that the fleet is to get.
package struct OutboxRecord: Sendable, Equatable {
    /// Its number in the journal.
    package var number: UInt64
    package var camera: String
    /// The epoch in which this host made it.
    package var epoch: UInt64
    /// The record as a JSON object, with its epoch.
    package var body: String
    /// What it does to an event; nil if it is no record of an event.
    package var event: Event?

    package struct Event: Sendable, Equatable {
        package var id: String
        package var isEnd: Bool

        package init(id: String, isEnd: Bool) {
            self.id = id
            self.isEnd = isEnd
        }
    }

    package init(number: UInt64, camera: String, epoch: UInt64, body: String, event: Event? = nil) {
        self.number = number
        self.camera = camera
        self.epoch = epoch
        self.body = body
        self.event = event
    }
}

/// The next records of the journal that the fleet is to get, in order.
package struct OutboxPage: Sendable, Equatable {
    package var records: [OutboxRecord]
    /// The last number that was read, whether or not the fleet is to get its record; nil if there is nothing yet.
    package var last: UInt64?
    /// How many numbers the journal no longer has.
    package var missed: UInt64 = 0

    package init(_ records: [OutboxRecord], last: UInt64?) {
        self.records = records
        self.last = last
    }

    /// Records of the fleet alone.
    package init(_ records: [OutboxRecord]) { self.init(records, last: records.last?.number) }
}
