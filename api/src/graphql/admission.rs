//! From what was sent to a request the executor may see: read strictly, measured, compared with the types.

use std::sync::Arc;

use async_graphql::{
    Request, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection},
    },
};
use esign_domain::error::{Error, Result};
use serde_json::Value;

use super::{completion::Expected, limits, shape, types::Types};

/// A request as the specification words it, not looked into yet.
#[derive(Debug, Default)]
pub struct Payload {
    query: String,
    operation_name: Option<String>,
    variables: Value,
}

impl Payload {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] for anything but an object whose parameters have the right types; a list of requests
    /// is not taken. [`Error::QueryTooComplex`] for too many values.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        limits::text::check_json(body)?;
        let value = serde_json::from_slice(body).map_err(|_| invalid("the body is not JSON"))?;
        Self::from_value(value)
    }

    /// Reads the parameters of a GET, whose `variables` and `extensions` are JSON inside.
    ///
    /// # Errors
    /// As [`Payload::from_json`].
    pub fn from_parameters(query_string: &str) -> Result<Self> {
        let mut object = serde_json::Map::new();
        for (name, text) in url::form_urlencoded::parse(query_string.as_bytes()) {
            let value = match &*name {
                "variables" | "extensions" if !text.is_empty() => {
                    limits::text::check_json(text.as_bytes())?;
                    serde_json::from_str(&text).map_err(|_| invalid(format!("{name} is not JSON")))?
                }
                "variables" | "extensions" => Value::Null,
                _ => Value::String(text.into_owned()),
            };
            object.insert(name.into_owned(), value);
        }
        Self::from_value(Value::Object(object))
    }

    /// Reads the parameters from a JSON value.
    ///
    /// # Errors
    /// As [`Payload::from_json`].
    pub fn from_value(value: Value) -> Result<Self> {
        let Value::Object(mut object) = value else { return Err(invalid("the body must be one JSON object")) };
        let mut take = |name: &str| object.remove(name).unwrap_or_default();
        let Value::String(query) = take("query") else { return Err(invalid("query must be a string")) };
        let operation_name = match take("operationName") {
            Value::Null => None,
            Value::String(name) => Some(name).filter(|name| !name.is_empty()),
            _ => return Err(invalid("operationName must be a string")),
        };
        let variables = take("variables");
        for (name, value) in [("variables", &variables), ("extensions", &take("extensions"))] {
            if !matches!(value, Value::Null | Value::Object(_)) {
                return Err(invalid(format!("{name} must be an object")));
            }
        }
        Ok(Self { query, operation_name, variables })
    }
}

/// A request that has passed every check which comes before the executor.
#[derive(Debug)]
pub struct Admitted {
    /// The request, parsed.
    pub request: Request,
    /// What its operation is.
    pub operation: OperationType,
    /// What its answer is to look like.
    pub expected: Expected,
}

/// Parses a request and checks it: size, shape, and that it names one operation.
///
/// # Errors
/// [`Error::QueryTooComplex`], [`Error::InvalidRequest`], [`Error::InvalidArgument`], [`Error::SceneNotSupported`].
pub fn admit(types: &Types, payload: Payload) -> Result<Admitted> {
    limits::text::check_document(&payload.query)?;
    let document = parse_query(&payload.query).map_err(|error| invalid(error.to_string()))?;
    let variables = Variables::from_json(payload.variables);
    let operation = chosen(&document, payload.operation_name.as_deref())?;
    limits::check_document(types, &document, operation, &variables)?;
    check_subscription(operation)?;
    check_variables(types, &document)?;
    shape::check(types, &document, operation, &variables)?;
    let operation = operation.ty;
    // The executor gets the copy, which has no room to spare: a subscription keeps it, and parts of it, for long.
    let copy = document.clone();
    let expected = Expected::of(Arc::new(document), payload.operation_name.as_deref());
    let mut request = Request::new(payload.query).variables(variables);
    request.operation_name = payload.operation_name;
    request.set_parsed_query(copy);
    Ok(Admitted { request, operation, expected })
}

fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values().next().map(|operation| &operation.node).ok_or_else(|| invalid("no operation"))
        }
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get(name).map(|operation| &operation.node).ok_or_else(|| invalid("no operation of that name"))
        }
        (DocumentOperations::Single(_), Some(_)) => Err(invalid("no operation of that name")),
        (DocumentOperations::Multiple(_), None) => {
            Err(invalid("operationName is needed: there are several operations"))
        }
    }
}

/// A subscription has exactly one root field, and it must stand there plainly: the executor doesn't look into
/// fragments at that place and would answer nothing at all.
fn check_subscription(operation: &OperationDefinition) -> Result<()> {
    let items = &operation.selection_set.node.items;
    match (operation.ty, items.as_slice()) {
        (OperationType::Subscription, [only]) if matches!(only.node, Selection::Field(_)) => Ok(()),
        (OperationType::Subscription, _) => Err(invalid("a subscription must select exactly one field")),
        _ => Ok(()),
    }
}

/// Every variable must be of a type that exists: the executor's own check panics at the default of a list of others.
fn check_variables(types: &Types, document: &ExecutableDocument) -> Result<()> {
    let mut all = document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    match all.find(|variable| !types.is_input(&variable.node.var_type.node)) {
        Some(stranger) => Err(invalid(format!("${} has a type that doesn't exist", stranger.node.name.node))),
        None => Ok(()),
    }
}

fn invalid(why: impl Into<String>) -> Error {
    Error::InvalidRequest(why.into())
}
