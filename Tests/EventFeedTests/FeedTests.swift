import TestSupport
import Testing

/// The tests that open sockets, one after the other: they count descriptors and load the machine.
@Suite(.serialized, .ownThread) struct FeedTests {}
