//! Hosts that misbehave, one connection at a time.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// What a bad host does once it has read a request.
#[derive(Clone, Copy, Debug)]
pub enum Habit {
    /// Closes at once.
    HangsUp,
    /// Says nothing, and keeps the connection.
    Hangs,
    /// Promises more than it sends.
    CutsTheBody,
    /// Answers this, whole.
    Answers { content_type: &'static str, body: &'static str },
    /// Answers what is no HTTP.
    SpeaksSomethingElse,
}

/// Starts such a host on loopback; answers with its base URL. It ends with the test process.
pub fn host(habit: Habit) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming().flatten() {
            kept.extend(serve(stream, habit));
        }
    });
    format!("http://{address}")
}

/// A URL where nobody listens: the port (tcpmux) is reserved for what no machine runs.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// Answers with the stream where the connection has to stay open.
fn serve(mut stream: TcpStream, habit: Habit) -> Option<TcpStream> {
    let mut request = [0; 16 * 1024];
    _ = stream.read(&mut request);
    let answer = match habit {
        Habit::HangsUp => return None,
        Habit::Hangs => return Some(stream),
        Habit::CutsTheBody => {
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"cut\":"
                .to_owned()
        }
        Habit::Answers { content_type, body } => {
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        }
        Habit::SpeaksSomethingElse => "220 smtp.example ready\r\n".to_owned(),
    };
    _ = stream.write_all(answer.as_bytes());
    None
}
