import Testing

@Suite struct WebFeedTests {}
