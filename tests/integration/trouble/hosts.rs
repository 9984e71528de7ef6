//! Other hosts: an answer may name them, and nobody calls them.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use super::driver::Run;

/// A host that nobody may call; whoever does is caught.
struct Trap(TcpListener);

impl Trap {
    fn at(host: IpAddr) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Nobody has connected: the system keeps for us whoever did.
    fn is_untouched(&self) -> bool {
        self.0
            .accept()
            .is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// An address of this machine beside loopback, where it has one: no packet is sent to find out.
fn outside() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let found = socket
        .connect("198.51.100.1:9")
        .and_then(|()| socket.local_addr());
    found.map_or(IpAddr::from([127, 0, 0, 1]), |a| a.ip())
}

#[test]
fn a_redirect_to_another_host_is_not_followed_whoever_is_redirected() {
    for host in [outside(), [127, 0, 0, 1].into()] {
        for (paths, at, code, says) in [
            ("/items", "Sweep", 3, "not one of 16 cases showed anything"),
            ("/items", "Baseline", 4, "was answered 302"),
            ("/login", "", 4, "nobody could log in"),
            (
                "/openapi.json",
                "",
                1,
                "/openapi.json cannot be had: answered 302",
            ),
        ] {
            let trap = Trap::at(host);
            let mut run = Run::new();
            if paths == "/openapi.json" {
                run.described_by_the_target();
            }
            let ended = run.with(&format!("redirects=http://{}/x", trap.address()), paths, at);
            ended.is(code, says);
            assert!(ended.troubles > 0, "{ended}");
            assert!(trap.is_untouched(), "{host} was called: {ended}");
        }
    }
}

#[test]
fn a_circle_of_redirects_is_no_answer_and_no_trap() {
    let ended = Run::new().with("redirects", "/items", "Sweep");
    ended.is(3, "not one of 16 cases showed anything");
    // One for each call: nobody went around.
    assert!(ended.troubles < 130, "{ended}");
}

/// The description itself may name only what is allowed.
#[test]
fn a_document_a_target_and_a_log_in_elsewhere_are_refused_unless_they_are_allowed() {
    let host = outside();
    if host.is_loopback() {
        return;
    }
    let trap = Trap::at(host);
    let there = trap.address();
    for (key, from, to) in [
        (
            "routes.openapi",
            "\"/openapi.json\"",
            format!("\"http://{there}/openapi.json\""),
        ),
        ("login", "POST /login", format!("POST http://{there}/login")),
    ] {
        let mut run = Run::new();
        run.described_by_the_target();
        run.change(from, &to);
        let ended = run.alone();
        assert_eq!(ended.code, Some(1), "{key}: {ended}");
        assert!(
            ended.said.contains(&there.ip().to_string()),
            "{key}: {ended}"
        );
        assert!(trap.is_untouched(), "{key}: {ended}");
    }
}

#[test]
fn a_trap_catches_whoever_calls_it() {
    let trap = Trap::at(outside());
    assert!(trap.is_untouched());
    let _caller = std::net::TcpStream::connect(trap.address()).unwrap();
    assert!(!trap.is_untouched());
}
