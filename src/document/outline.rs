//! The skeleton of a tree: where each node begins in the bytes, and what encloses it. Knows nothing of JSON
//! or XML, holds no text, and neither building nor walking it recurses.
//!
//! Nodes stand in the order of the text (preorder), 8 bytes each; what has children has 32 bytes more.
//!
//! ```text
//! {"a": [1, 2], "b": 3}        nodes       0 root   1 a   2 a[0]   3 a[1]   4 b
//!                              containers  0 root (nodes 0..5)   1 a (nodes 1..4)
//! ```

/// A node's number, in the order of the text.
pub(crate) type NodeId = u32;

const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    /// First byte: of the key where it has one, else of the value or tag.
    start: u32,
    /// The container it is in.
    parent: u32,
}

/// A node with children.
#[derive(Clone, Copy)]
pub(crate) struct Container {
    /// Itself.
    pub node: NodeId,
    /// The first node after its last descendant.
    pub end: NodeId,
    /// Children.
    pub count: u32,
    /// Its position among its siblings, from 0.
    pub ordinal: u32,
    /// The byte after it.
    pub close: u32,
    /// Containers around it.
    pub depth: u32,
    /// The first container after its last descendant.
    pub next: u32,
    /// Whether its children have names (an object) or positions (an array).
    pub named: bool,
}

#[derive(Default)]
pub(crate) struct Outline {
    nodes: Vec<Node>,
    containers: Vec<Container>,
}

impl Outline {
    pub fn len(&self) -> u32 {
        self.nodes.len() as u32
    }

    pub fn containers(&self) -> &[Container] {
        &self.containers
    }

    pub fn start(&self, node: NodeId) -> usize {
        self.nodes[node as usize].start as usize
    }

    pub fn parent(&self, node: NodeId) -> Option<&Container> {
        self.containers.get(self.nodes[node as usize].parent as usize)
    }

    pub fn depth(&self, node: NodeId) -> u32 {
        self.parent(node).map_or(0, |parent| parent.depth + 1)
    }

    /// The number of the node's container, if it has children.
    pub fn container_id(&self, node: NodeId) -> Option<u32> {
        self.containers.binary_search_by_key(&node, |c| c.node).ok().map(|id| id as u32)
    }

    pub fn container(&self, node: NodeId) -> Option<&Container> {
        self.container_id(node).map(|id| &self.containers[id as usize])
    }

    /// The first node after `node` and all in it.
    pub fn after(&self, node: NodeId) -> NodeId {
        self.container(node).map_or(node + 1, |c| c.end)
    }

    /// The node that byte `at` belongs to: the last that begins there or before.
    pub fn node_at(&self, at: usize) -> Option<NodeId> {
        self.nodes.partition_point(|n| n.start as usize <= at).checked_sub(1).map(|n| n as NodeId)
    }

    pub fn children(&self, container: &Container) -> Siblings<'_> {
        let next = self.containers.partition_point(|c| c.node <= container.node) as u32;
        Siblings { outline: self, node: container.node + 1, end: container.end, container: next }
    }

    /// The position of `node` among its siblings, from 0.
    pub fn ordinal(&self, node: NodeId) -> u32 {
        if let Some(c) = self.container(node) {
            return c.ordinal;
        }
        let parent = self.nodes[node as usize].parent;
        let first = self.parent(node).map_or(0, |p| p.node + 1);
        // Between the last sibling that is a container and this node there are only leaves.
        let mut before = self.containers.partition_point(|c| c.node < node).checked_sub(1).map(|c| c as u32);
        while let Some(id) = before.filter(|&id| id != parent) {
            let c = &self.containers[id as usize];
            if self.nodes[c.node as usize].parent == parent {
                return c.ordinal + 1 + (node - c.end);
            }
            before = Some(self.nodes[c.node as usize].parent).filter(|&up| up != NOWHERE);
        }
        node - first
    }
}

/// Nodes beside each other, with the container of each that is one.
pub(crate) struct Siblings<'a> {
    outline: &'a Outline,
    node: NodeId,
    end: NodeId,
    container: u32,
}

impl<'a> Iterator for Siblings<'a> {
    type Item = (NodeId, Option<&'a Container>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.node >= self.end {
            return None;
        }
        let node = self.node;
        let container = self.outline.containers.get(self.container as usize).filter(|c| c.node == node);
        match container {
            Some(c) => (self.node, self.container) = (c.end, c.next),
            None => self.node += 1,
        }
        Some((node, container))
    }
}

/// Builds an [`Outline`] from a text read front to back.
#[derive(Default)]
pub(crate) struct Builder {
    outline: Outline,
    open: Vec<u32>,
    roots: u32,
}

impl Builder {
    /// How many containers are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether nothing stands yet in the innermost container.
    pub fn is_fresh(&self) -> bool {
        self.outline.containers.get(self.top() as usize).is_some_and(|c| c.count == 0)
    }

    pub fn leaf(&mut self, start: usize) {
        self.node(start);
    }

    pub fn open(&mut self, start: usize, named: bool) {
        let ordinal = self.node(start);
        let id = self.outline.containers.len() as u32;
        self.outline.containers.push(Container {
            node: self.outline.len() - 1,
            end: 0,
            count: 0,
            ordinal,
            close: 0,
            depth: self.open.len() as u32,
            next: 0,
            named,
        });
        self.open.push(id);
    }

    /// Ends the innermost container; `close` is the byte after it. One without children becomes a leaf.
    pub fn close(&mut self, close: usize) {
        let Some(id) = self.open.pop() else { return };
        let (end, next) = (self.outline.len(), self.outline.containers.len() as u32);
        let container = &mut self.outline.containers[id as usize];
        if container.count == 0 {
            self.outline.containers.pop();
            return;
        }
        (container.end, container.next, container.close) = (end, next, close as u32);
    }

    /// Ends whatever is open at the end of the text.
    pub fn finish(mut self, close: usize) -> Outline {
        while !self.open.is_empty() {
            self.close(close);
        }
        self.outline.nodes.shrink_to_fit();
        self.outline.containers.shrink_to_fit();
        self.outline
    }

    fn node(&mut self, start: usize) -> u32 {
        let parent = self.top();
        self.outline.nodes.push(Node { start: start as u32, parent });
        let count = match self.outline.containers.get_mut(parent as usize) {
            Some(container) => &mut container.count,
            None => &mut self.roots,
        };
        *count += 1;
        *count - 1
    }

    fn top(&self) -> u32 {
        self.open.last().copied().unwrap_or(NOWHERE)
    }
}
