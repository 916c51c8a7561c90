import { z } from "zod";

/** What people see and type: kivitendo's `customer.customernumber`. */
export const CustomerNumber = z.string().trim().min(1).brand<"CustomerNumber">();
export type CustomerNumber = z.infer<typeof CustomerNumber>;

/** Row id of kivitendo's `customer`. */
export const CustomerId = z.coerce.number().int().positive().brand<"CustomerId">();
export type CustomerId = z.infer<typeof CustomerId>;

/** Row id of kivitendo's `contacts` (`cp_id`). */
export const ContactId = z.coerce.number().int().positive().brand<"ContactId">();
export type ContactId = z.infer<typeof ContactId>;

/** The helpdesk's key of a CustomerCompany (`CustomerID`). */
export const CompanyKey = z.string().min(1).brand<"CompanyKey">();
export type CompanyKey = z.infer<typeof CompanyKey>;

/** The helpdesk's key of a CustomerUser (`UserLogin`). */
export const UserLogin = z.string().min(1).brand<"UserLogin">();
export type UserLogin = z.infer<typeof UserLogin>;

/** Row id of a ticket in the helpdesk; a number or a string of digits on the wire, depending on the operation. */
export const TicketId = z.coerce.number().int().positive().brand<"TicketId">();
export type TicketId = z.infer<typeof TicketId>;

/** The number people see on a ticket; digits, too long for a JavaScript number. */
export const TicketNumber = z.coerce.string().min(1).brand<"TicketNumber">();
export type TicketNumber = z.infer<typeof TicketNumber>;

/** Row id of an article; keeps its value when a merge moves the article to another ticket. */
export const ArticleId = z.coerce.number().int().positive().brand<"ArticleId">();
export type ArticleId = z.infer<typeof ArticleId>;

/** kivitendo's `parts.partnumber`. */
export const PartNumber = z.string().trim().min(1).brand<"PartNumber">();
export type PartNumber = z.infer<typeof PartNumber>;

/** Primary key of a row in `otrs_bridge.runs`. */
export const RunId = z.coerce.number().int().positive().brand<"RunId">();
export type RunId = z.infer<typeof RunId>;
