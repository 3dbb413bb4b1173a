//! A server that writes bytes to every request, whatever they mean.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{
    Arc,
    mpsc::{self, Receiver, Sender},
};
use std::thread;

/// A listening server. Its threads live until the test process ends.
pub(crate) struct RawServer {
    pub(crate) address: SocketAddr,
    /// The address as `http://127.0.0.1:port`.
    pub(crate) origin: String,
    requests: Receiver<String>,
}

impl RawServer {
    /// Answers each connection's first request with `answer` and closes the connection.
    pub(crate) fn answering(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::replying(move |_request| answer.clone())
    }

    /// Answers with a JSON body.
    pub(crate) fn answering_json(status: &str, body: &str) -> Self {
        Self::answering(json(status, body))
    }

    /// Answers each connection's first request with what `answer` makes of it.
    pub(crate) fn replying(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut connection, requests| {
            let request = read_request(&connection)?;
            let answer = answer(&request);
            // Before the answer: who has the answer finds the request here.
            requests.send(request).ok();
            connection.write_all(answer.as_bytes())
        })
    }

    /// Answers with `head`, and then a body that never ends.
    pub(crate) fn answering_endlessly(head: &'static str) -> Self {
        Self::start(move |mut connection, _requests| {
            read_request(&connection)?;
            connection.write_all(head.as_bytes())?;
            io::copy(&mut io::repeat(b' '), &mut connection).map(drop)
        })
    }

    /// The head of the next request that arrived, in lower case, and its body.
    #[track_caller]
    pub(crate) fn request(&self) -> String {
        self.requests.try_recv().expect("a request has arrived")
    }

    /// Whether nothing arrived (any more).
    pub(crate) fn is_untouched(&self) -> bool {
        self.requests.try_recv().is_err()
    }

    /// Serves each connection in a thread of its own. A test that does not look at the requests may
    /// have dropped their receiver.
    pub(crate) fn start(
        serve: impl Fn(TcpStream, &Sender<String>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::channel();
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (sender, serve) = (sender.clone(), Arc::clone(&serve));
                thread::spawn(move || serve(connection?, &sender));
            }
        });
        Self {
            address,
            origin: format!("http://{address}"),
            requests,
        }
    }
}

/// Reads a request: its head in lower case, and its body.
pub(crate) fn read_request(connection: &TcpStream) -> io::Result<String> {
    let mut reader = BufReader::new(connection);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut request = request.to_lowercase();
    let length = request.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = reader.take(length.unwrap_or(0));
    body.read_to_string(&mut request)?;
    Ok(request)
}

/// A whole answer with a JSON body.
pub(crate) fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Cf-Ray: 8c1f-FRA\r\nConnection: close\r\n\r\n{body}"
    )
}
