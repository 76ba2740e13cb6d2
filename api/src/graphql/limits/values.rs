//! What the values in a request amount to, in bytes of memory. The executor copies a variable wherever it stands; here
//! each is weighed once.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{Directive, OperationDefinition},
};
use async_graphql_value::Value;

/// What a value takes in memory, whatever it is.
const VALUE: u64 = 64;

/// What the values in a request amount to.
pub struct Values<'a> {
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    weights: HashMap<&'a Name, u64>,
}

impl<'a> Values<'a> {
    /// Of a request to run this operation with these variables.
    pub fn of(operation: &'a OperationDefinition, variables: &'a Variables) -> Self {
        Self { operation, variables, weights: HashMap::new() }
    }

    /// The value of a variable: what was sent, else its default.
    pub fn variable(&self, name: &Name) -> Option<&'a ConstValue> {
        let definition = || self.operation.variable_definitions.iter().find(|d| d.node.name.node == *name);
        self.variables.get(name).or_else(|| definition()?.node.default_value())
    }

    /// What the arguments of directives weigh.
    pub fn of_directives(&mut self, directives: &'a [Positioned<Directive>]) -> u64 {
        directives.iter().map(|directive| self.of_arguments(&directive.node.arguments)).fold(0, u64::saturating_add)
    }

    /// What arguments weigh.
    pub fn of_arguments(&mut self, arguments: &'a [(Positioned<Name>, Positioned<Value>)]) -> u64 {
        arguments.iter().map(|(_, value)| self.weight(&value.node)).fold(0, u64::saturating_add)
    }

    fn weight(&mut self, value: &'a Value) -> u64 {
        let inside = match value {
            Value::Variable(name) => {
                if let Some(weight) = self.weights.get(name) {
                    return *weight;
                }
                let weight = self.variable(name).map_or(VALUE, constant_weight);
                self.weights.insert(name, weight);
                return weight;
            }
            Value::String(text) => text.len() as u64,
            Value::List(values) => values.iter().map(|value| self.weight(value)).fold(0, u64::saturating_add),
            Value::Object(fields) => fields.values().map(|value| self.weight(value)).fold(0, u64::saturating_add),
            _ => 0,
        };
        VALUE.saturating_add(inside)
    }
}

fn constant_weight(value: &ConstValue) -> u64 {
    let inside: u64 = match value {
        ConstValue::String(text) => text.len() as u64,
        ConstValue::List(values) => values.iter().map(constant_weight).sum(),
        ConstValue::Object(fields) => {
            fields.iter().map(|(name, value)| name.len() as u64 + constant_weight(value)).sum()
        }
        _ => 0,
    };
    VALUE + inside
}
