//! JSON schemas of the endpoints' objects, as named components.

use serde_json::{Map, Value, json};

use super::dialect::Dialect;
use crate::vendor::assumptions::{ASSUMPTIONS, Assumptions, BodyTypes, UnknownFields};
use crate::vendor::schema::UnionName;
use crate::vendor::{Endpoint, Field, Kind, Schema};

/// The components of a document so far, and where the next one is.
pub(super) struct Shapes {
    dialect: Dialect,
    assumptions: Assumptions,
    components: Map<String, Value>,
    place: Option<Place>,
}

/// The part of an endpoint whose fields are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Body,
    Parameters,
    Answer,
}

#[derive(Clone)]
struct Place {
    endpoint: &'static Endpoint,
    part: Part,
    /// The dotted path, as in the endpoint's list of assumptions.
    path: String,
}

impl Shapes {
    pub(super) fn new(dialect: Dialect, assumptions: Assumptions) -> Self {
        Self { dialect, assumptions, components: Map::new(), place: None }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) fn assumptions(&self) -> &Assumptions {
        &self.assumptions
    }

    /// Returns the components by name.
    pub(super) fn into_components(mut self) -> Value {
        self.components.sort_keys();
        Value::Object(self.components)
    }

    /// Returns a reference to a component, which is made if there is none of its name.
    pub(super) fn component(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.components.contains_key(name) {
            let schema = make(self);
            self.components.insert(name.to_owned(), schema);
        }
        reference(name)
    }

    /// Returns a reference to the object that is a part of an endpoint.
    pub(super) fn part(&mut self, endpoint: &'static Endpoint, part: Part) -> Value {
        self.enter(endpoint, part);
        let schema = match part {
            Part::Body => endpoint.body,
            Part::Parameters => endpoint.parameters,
            Part::Answer => endpoint.answer.data,
        };
        let reference = self.schema(schema);
        self.place = None;
        reference
    }

    /// Returns the schema of a path parameter.
    pub(super) fn parameter(&mut self, endpoint: &'static Endpoint, field: &Field) -> Value {
        self.enter(endpoint, Part::Parameters);
        let schema = self.value(field.kind, field);
        self.place = None;
        schema
    }

    /// Returns the description of a field of an endpoint's part: its rule, as an assumption has it.
    pub(super) fn rule_of_parameter(
        &mut self,
        endpoint: &'static Endpoint,
        field: &Field,
    ) -> String {
        self.enter(endpoint, Part::Parameters);
        let description = self.at(field.name, |shapes| shapes.description(field));
        self.place = None;
        description.unwrap_or_else(|| field.kind.describe())
    }

    fn enter(&mut self, endpoint: &'static Endpoint, part: Part) {
        let path = match part {
            Part::Body => "",
            Part::Parameters => "path.",
            Part::Answer => "data.",
        };
        self.place = Some(Place { endpoint, part, path: path.to_owned() });
    }

    /// Describes what is at a key below the current place.
    fn at<T>(&mut self, key: &str, describe: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.place.clone();
        if let Some(place) = &mut self.place {
            let dot = if place.path.is_empty() || place.path.ends_with('.') { "" } else { "." };
            place.path = format!("{}{dot}{key}", place.path);
        }
        let described = describe(self);
        self.place = outer;
        described
    }

    fn is_in_body(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.part == Part::Body)
    }

    fn is_coerced(&self) -> bool {
        self.is_in_body() && self.assumptions.body_types == BodyTypes::Coerce
    }

    /// Returns a reference to an object.
    pub(super) fn schema(&mut self, schema: &'static Schema) -> Value {
        self.component(schema.name, |shapes| {
            if schema.alternatives.is_empty() {
                return shapes.object(schema, None);
            }
            let references = shapes.alternatives(schema);
            json!({"description": schema.description, "oneOf": references})
        })
    }

    /// Returns references to the objects with each of the alternative fields.
    fn alternatives(&mut self, schema: &'static Schema) -> Vec<Value> {
        let fields = schema.exactly_one_of.iter().zip(schema.alternatives);
        fields
            .map(|(field, name)| self.component(name, |shapes| shapes.object(schema, Some(*field))))
            .collect()
    }

    /// Returns the schema of an object; with `chosen`, that of those with this alternative field.
    fn object(&mut self, schema: &'static Schema, chosen: Option<&str>) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in schema.fields {
            let is_chosen = chosen == Some(field.name);
            let is_excluded = !is_chosen && schema.exactly_one_of.contains(&field.name);
            let needs = is_chosen || field.is_needed(&self.assumptions);
            let property = match self.dialect {
                // null means absent
                Dialect::V3_1 if is_excluded => {
                    let keys = self.at(field.name, |shapes| shapes.annotations(field));
                    self.dialect.annotated(json!({"type": "null"}), keys)
                }
                Dialect::V3_0 if is_excluded => continue,
                Dialect::V3_1 | Dialect::V3_0 => {
                    self.at(field.name, |shapes| shapes.property(field, needs))
                }
            };
            properties.insert(field.name.to_owned(), property);
            if needs {
                required.push(field.name);
            }
        }
        let mut object = json!({"type": "object", "properties": properties});
        if !schema.description.is_empty() {
            object["description"] = json!(schema.description);
        }
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        // says no more than `required`; without it linters take alternatives that share a field for the same
        if chosen.is_some() && self.dialect == Dialect::V3_1 {
            object["minProperties"] = json!(1);
        }
        let is_closed = schema.fields.is_empty()
            || (self.is_in_body() && self.assumptions.unknown_fields == UnknownFields::Refuse);
        if is_closed {
            object["additionalProperties"] = json!(false);
        }
        object
    }

    /// Returns the schema of a field's value. An optional field of a request may be null.
    fn property(&mut self, field: &'static Field, is_needed: bool) -> Value {
        let kind = (field.kind_under)(&self.assumptions);
        let schema = self.value(kind, field);
        // in 3.0 null has no type of its own, and a client that leaves the field out is as well off
        let is_reference = self.dialect == Dialect::V3_0 && schema.get("$ref").is_some();
        let may_be_null = field.nullable || !(is_needed || is_reference);
        let schema = if may_be_null { self.dialect.nullable(schema) } else { schema };
        let mut keys = Vec::new();
        if let Some(description) = self.description(field) {
            keys.push(("description", json!(description)));
        }
        keys.extend(self.annotations(field));
        self.dialect.annotated(schema, keys)
    }

    /// The sources of a field and its rule, and the assumption that can turn it.
    fn annotations(&self, field: &Field) -> Vec<(&'static str, Value)> {
        let mut keys = vec![("x-provenance", json!(field.provenance))];
        if let Some((_, provenance)) = field.rule {
            keys.push(("x-rule-provenance", json!(provenance)));
        }
        if let Some(name) = self.assumption() {
            keys.push(("x-assumption", json!(name)));
        }
        keys
    }

    /// The rule of the field that is described, and how an assumption is read that is not by its default.
    fn description(&self, field: &Field) -> Option<String> {
        let rule = field.rule.map(|(rule, _)| rule.to_owned());
        let turned = self.assumption().and_then(|name| turned(name, &self.assumptions));
        match (rule, turned) {
            (rule, None) => rule,
            (None, Some(turned)) => Some(turned),
            (Some(rule), Some(turned)) => Some(format!("{rule}; {turned}")),
        }
    }

    fn assumption(&self) -> Option<&'static str> {
        let place = self.place.as_ref()?;
        place.endpoint.assumption_at(&place.path)
    }

    /// Returns the schema of a field's value that is not null.
    fn value(&mut self, kind: Kind, field: &Field) -> Value {
        let non_empty = field.needs_item || (field.non_empty)(&self.assumptions);
        self.kind(kind, non_empty)
    }

    /// Returns the schema of a value; `non_empty` says whether a text or a list must not be empty.
    fn kind(&mut self, kind: Kind, non_empty: bool) -> Value {
        match kind {
            Kind::Object(schema) => self.schema(schema),
            Kind::List(item) => self.list(*item, non_empty),
            Kind::AnyOf(name, kinds) => self.union(name, kinds, non_empty),
            Kind::Any => json!({}),
            Kind::Text | Kind::Secret if non_empty && !self.is_coerced() => {
                json!({"type": "string", "minLength": 1})
            }
            scalar if self.is_coerced() => self.coerced(scalar, non_empty),
            Kind::TextOrNumber => self.named_scalar(Kind::TextOrNumber),
            scalar => plain_scalar(scalar),
        }
    }

    fn list(&mut self, item: Kind, needs_item: bool) -> Value {
        let items = self.item(item);
        let mut list = json!({"type": "array", "items": items});
        if needs_item {
            list["minItems"] = json!(1);
        }
        list
    }

    /// Returns the schema of a list's item.
    fn item(&mut self, item: Kind) -> Value {
        let outer = self.place.clone();
        if let Some(place) = &mut self.place {
            place.path.push_str("[]");
        }
        let items = self.kind(item, false);
        self.place = outer;
        items
    }

    /// Returns a reference to a value of several kinds, each a named shape.
    fn union(&mut self, name: UnionName, kinds: &'static [Kind], non_empty: bool) -> Value {
        let name = union_name(name, kinds);
        self.component(&name, |shapes| {
            let mut references = Vec::new();
            for kind in kinds {
                shapes.add_shapes(*kind, non_empty, &mut references);
            }
            json!({"oneOf": references})
        })
    }

    /// Adds references to the shapes that a value of a kind can have.
    fn add_shapes(&mut self, kind: Kind, non_empty: bool, references: &mut Vec<Value>) {
        match kind {
            Kind::Object(schema) if !schema.alternatives.is_empty() => {
                let alternatives = self.alternatives(schema);
                references.extend(alternatives);
            }
            Kind::Object(schema) => references.push(self.schema(schema)),
            Kind::AnyOf(_, kinds) => {
                for kind in kinds {
                    self.add_shapes(*kind, non_empty, references);
                }
            }
            Kind::List(item) => {
                let name = format!("{}List", kind_name(*item));
                references.push(self.component(&name, |shapes| shapes.list(*item, non_empty)));
            }
            scalar => references.push(self.named_scalar(scalar)),
        }
    }

    /// Returns a reference to a component for values without fields or items.
    fn named_scalar(&mut self, kind: Kind) -> Value {
        self.component(&kind_name(kind), |shapes| match kind {
            Kind::TextOrNumber => {
                let text = shapes.named("Text", json!({"type": "string"}));
                let number = shapes.named("Number", json!({"type": "number"}));
                json!({"oneOf": [text, number]})
            }
            scalar => plain_scalar(scalar),
        })
    }

    pub(super) fn named(&mut self, name: &str, schema: Value) -> Value {
        self.component(name, |_| schema)
    }
}

/// Returns the schema of a value without fields or items.
pub(super) fn plain_scalar(kind: Kind) -> Value {
    match kind {
        Kind::Integer => integer(i64::MIN, i64::MAX),
        Kind::OneOfIntegers(values) => json!({"type": "integer", "enum": values}),
        Kind::Formatted(format) => json!({"type": "string", "pattern": format.pattern}),
        Kind::Text | Kind::Secret => json!({"type": "string"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::TextOrNumber | Kind::Object(_) | Kind::List(_) | Kind::AnyOf(..) | Kind::Any => {
            json!({})
        }
    }
}

/// Returns the schema of the integers from one to another. Validators leave the format alone, which clients are
/// generated from.
pub(super) fn integer(minimum: i64, maximum: i64) -> Value {
    json!({"type": "integer", "format": "int64", "minimum": minimum, "maximum": maximum})
}

/// The name of the component of a kind.
pub(super) fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Integer => "Integer".into(),
        Kind::OneOfIntegers(values) => {
            let values: Vec<_> = values.iter().map(i64::to_string).collect();
            format!("Integer{}", values.join("Or"))
        }
        Kind::Text => "Text".into(),
        Kind::Secret => "Secret".into(),
        Kind::Formatted(format) => format.name.into(),
        Kind::TextOrNumber => "TextOrNumber".into(),
        Kind::Boolean => "Boolean".into(),
        Kind::Object(schema) => schema.name.into(),
        Kind::List(item) => format!("{}List", kind_name(*item)),
        Kind::AnyOf(name, kinds) => union_name(name, kinds),
        Kind::Any => "Anything".into(),
    }
}

fn union_name(name: UnionName, kinds: &[Kind]) -> String {
    match name {
        UnionName::Given(name) => name.to_owned(),
        UnionName::OneOrMany => format!("{}s", kind_name(kinds[0])),
    }
}

/// Says how an assumption is read, if that is not by its default.
pub(super) fn turned(name: &str, assumptions: &Assumptions) -> Option<String> {
    let (_, variant) = assumptions.turned().find(|(turned, _)| *turned == name)?;
    let assumption = ASSUMPTIONS.iter().find(|one| one.name == name)?;
    let meaning = assumption.variants.iter().find(|one| one.name == variant)?.meaning;
    Some(format!("but here `{name}` is read as `{variant}`: {meaning}"))
}

/// Returns a reference to a component.
fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
